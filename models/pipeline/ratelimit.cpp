#include "models/pipeline/ratelimit.h"

#include "models/pipeline/keptsettings.h"
#include "models/pipeline/queuestateboard.h"
#include "models/transfer/dataplane.h"

using namespace Qt::StringLiterals;

namespace photolift::pipeline {

namespace {
const QString Setting = u"rate_limit"_s;

/// 0 is none, and so the highest.
qint64 lowerOf(qint64 one, qint64 other)
{
    return one == 0 || other == 0 ? std::max(one, other) : std::min(one, other);
}
}

RateLimit::RateLimit(const Services &services, KeptSettings &settings, QueueStateBoard &board)
    : m_services(services)
    , m_settings(settings)
    , m_board(board)
{
    connect(&settings, &KeptSettings::changed, this, [this](const QString &key) {
        if (key == Setting)
            apply();
    });
}

void RateLimit::apply()
{
    qint64 lowest = 0;
    const QStringList meant = m_settings.meant(Setting);
    for (const QString &limit : meant)
        lowest = lowerOf(lowest, limit.toLongLong());
    m_services.dataPlane->setRateLimit(m_forNow.value_or(lowest));
    m_board.setRateLimit(m_forNow.value_or(m_settings.said(Setting).toLongLong()));
}

void RateLimit::set(qint64 bytesPerSecond)
{
    m_forNow.reset();
    m_settings.set(Setting, QString::number(std::max<qint64>(0, bytesPerSecond)));
}

void RateLimit::setForNow(qint64 bytesPerSecond)
{
    m_forNow = std::max<qint64>(0, bytesPerSecond);
    apply();
}

} // namespace photolift::pipeline
