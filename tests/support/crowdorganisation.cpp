#include "tests/support/crowdorganisation.h"

#include "app/server/people/devicetoken.h"
#include "app/server/people/peopletable.h"
#include "models/vocabulary/ids.h"

#include <QSqlDatabase>

using namespace Qt::StringLiterals;

namespace photolift::support
{

namespace
{

constexpr int DevicesOfPerson = 5;
constexpr qint64 DayMs = 24LL * 3600 * 1000;

Result<> add(const QSqlDatabase &database, int devices, QByteArrayList &tokens)
{
    const server::PeopleTable people(database);
    const Result<std::optional<server::User>> first = people.userNamed(u"first"_s);
    if (!first)
        return first.error();
    if (!*first)
        return Error{ErrorCode::InternalUnknown, u"nobody is there"_s};
    server::User person = **first;
    const qint64 now = nowMs();
    for (int i = 0; i < devices; ++i) {
        if (i % DevicesOfPerson == 0) {
            person.userId = idText(newUuid7());
            person.name = u"person-%1"_s.arg(i / DevicesOfPerson);
            if (const Result<> added = people.add(person, now); !added)
                return added;
        }
        const QByteArray token = server::newDeviceToken();
        const server::DeviceTokenRow row{newUuid7(), u"device %1"_s.arg(i), now, now + DayMs, {}};
        if (const Result<> added = people.addToken(person.userId, row, server::hashOfDeviceToken(token)); !added)
            return added;
        tokens.append(token);
    }
    return {};
}

} // namespace

QByteArrayList addDevices(OrganisationRun &organisation, int devices, QString &failure)
{
    organisation.command({u"user"_s, u"add"_s, u"first"_s, u"--role"_s, u"photographer"_s});
    QByteArrayList tokens;
    const QString name = u"people"_s;
    {
        QSqlDatabase database = organisation.openDatabase(name);
        database.transaction();
        if (const Result<> added = add(database, devices, tokens); !added)
            failure = added.error().detail;
        else if (!database.commit())
            failure = u"the people were not committed"_s;
    }
    QSqlDatabase::removeDatabase(name);
    return failure.isEmpty() ? tokens : QByteArrayList();
}

} // namespace photolift::support
