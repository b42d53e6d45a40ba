#include "app/server/people/devicetoken.h"

#include "app/server/people/randombytes.h"
#include "models/photo/hasher.h"
#include "models/wire/messages.h"

namespace photolift::server {

namespace {
constexpr int TokenBytes = 32;
}

QByteArray newDeviceToken()
{
    return wire::DeviceTokenPrefix + randomBytes(TokenBytes).toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
}

QByteArray hashOfDeviceToken(QByteArrayView token)
{
    photo::Sha256 hash;
    hash.add(token);
    return hash.result();
}

} // namespace photolift::server
