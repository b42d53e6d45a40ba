#include "app/server/objects/s3/clockcheck.h"

#include <QLoggingCategory>

#include <cstdlib>

namespace photolift::server {

using namespace Qt::StringLiterals;

namespace {
Q_LOGGING_CATEGORY(lcClock, "photolift.server.objects")
}

ClockCheck::ClockCheck(S3Client &client, std::function<QDateTime()> now)
    : m_client(client)
    , m_now(std::move(now))
{
}

bool ClockCheck::seemsRight() const
{
    const auto ahead = m_client.storeClock().aheadOfIt(m_now());
    return !ahead || std::chrono::abs(*ahead) <= StoreClock::Tolerance;
}

Result<> ClockCheck::agree()
{
    if (!seemsRight()) {
        S3Request look;
        look.method = "HEAD";
        if (const Result<S3Answer> answer = m_client.send(look); !answer)
            return answer.error();
    }
    const auto ahead = m_client.storeClock().aheadOfIt(m_now()).value_or(std::chrono::milliseconds(0));
    const bool isRight = std::chrono::abs(ahead) <= StoreClock::Tolerance;
    const qint64 seconds = std::abs(std::chrono::duration_cast<std::chrono::seconds>(ahead).count());
    const QString difference =
        u"the clock of this server is %1 s %2 that of the store"_s.arg(seconds).arg(ahead.count() > 0 ? u"ahead of"_s : u"behind"_s);
    if (m_isWrong.exchange(!isRight) == isRight) {
        if (isRight)
            qCInfo(lcClock).noquote() << "links are given out again:" << difference;
        else
            qCCritical(lcClock).noquote() << "no links are given out:" << difference;
    }
    if (isRight)
        return {};
    return Error{ErrorCode::StorageNotReady, QString(difference % u", no link is given out beyond %1 s"_s.arg(StoreClock::Tolerance.count()))};
}

} // namespace photolift::server
