#include "app/server/work/erasing.h"

#include "app/server/work/erasuretable.h"

#include <QLoggingCategory>

using namespace Qt::StringLiterals;

Q_DECLARE_LOGGING_CATEGORY(lcPurge)

namespace photolift::server {

namespace {

/// Few enough that a transaction is over before anybody waits for it.
constexpr int AtOnce = 100;

void forEachDue(DatabaseThreads &database, qint64 nowMs, const std::function<Result<>(const ErasureTable::Person &)> &work)
{
    Result<QList<ErasureTable::Person>> people = QList<ErasureTable::Person>();
    database.readAndWait([&](const QSqlDatabase &reading) { people = ErasureTable(reading).due(nowMs); });
    if (!people)
        qCWarning(lcPurge).noquote() << "who was erased waits for the next round:" << people.error().detail;
    for (const ErasureTable::Person &person : people ? *people : QList<ErasureTable::Person>()) {
        if (const Result<> done = work(person); !done)
            qCWarning(lcPurge).noquote() << "person" << person.userId << "is erased further in the next round:" << done.error().detail;
    }
}

} // namespace

void beginErasures(DatabaseThreads &database, qint64 nowMs)
{
    forEachDue(database, nowMs, [&database, nowMs](const ErasureTable::Person &person) {
        return database.writeAndWait([&person, nowMs](Writing &writing) -> Result<> {
            const ErasureTable erasures(writing.database);
            const Result<bool> begun = erasures.begin(person, nowMs);
            if (!begun || !*begun)
                return withoutValue(begun);
            return erasures.withdrawPhotos(person);
        });
    });
}

void purgeNamesOfErased(DatabaseThreads &database, const std::stop_token &stop, qint64 nowMs)
{
    forEachDue(database, nowMs, [&database, &stop, nowMs](const ErasureTable::Person &person) {
        ErasureTable::Purged next;
        bool isMore = true;
        while (isMore && !stop.stop_requested()) {
            ErasureTable::Purged purged;
            const Result<> written = database.writeAndWait([&](Writing &writing) -> Result<> {
                const ErasureTable erasures(writing.database);
                // An upload that has ended just now is a photo, whose names go when it goes.
                if (const Result<> withdrawn = erasures.withdrawPhotos(person); !withdrawn)
                    return withdrawn;
                const Result<ErasureTable::Purged> some = erasures.purgeNames(person, nowMs, next.fromMs, AtOnce);
                if (!some)
                    return some.error();
                purged = *some;
                return purged.attempts > 0 ? Result<>() : withoutValue(erasures.finish(person, nowMs));
            });
            if (!written)
                return written;
            next = purged;
            isMore = purged.attempts > 0;
        }
        return Result<>();
    });
}

} // namespace photolift::server
