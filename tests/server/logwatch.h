#pragma once

#include <QStringList>

#include <mutex>

namespace photolift::test {

/// What is logged while it lives, by any thread; one at a time.
class LogWatch
{
public:
    LogWatch()
    {
        const std::scoped_lock lock(mutex);
        lines.clear();
        before = qInstallMessageHandler([](QtMsgType type, const QMessageLogContext &context, const QString &text) {
            const std::scoped_lock taken(mutex);
            lines.append(text);
            before(type, context, text);
        });
    }
    ~LogWatch() { qInstallMessageHandler(before); }
    LogWatch(const LogWatch &) = delete;
    LogWatch &operator=(const LogWatch &) = delete;
    static QStringList linesWith(const QString &word)
    {
        const std::scoped_lock lock(mutex);
        return lines.filter(word);
    }

private:
    static inline std::mutex mutex; ///< guards lines
    static inline QStringList lines;
    static inline QtMessageHandler before = nullptr;
};

} // namespace photolift::test
