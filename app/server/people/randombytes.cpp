#include "app/server/people/randombytes.h"

#include <openssl/rand.h>

namespace photolift::server {

QByteArray randomBytes(int count)
{
    QByteArray bytes(count, Qt::Uninitialized);
    if (RAND_priv_bytes(reinterpret_cast<unsigned char *>(bytes.data()), count) != 1)
        qFatal("no random bytes to be had");
    return bytes;
}

} // namespace photolift::server
