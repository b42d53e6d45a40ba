#include "app/server/people/grouptable.h"
#include "app/server/people/peopletable.h"
#include "tests/server/apitest.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;
using server::DeviceGroup;
using server::GroupMember;
using server::GroupTable;
using server::Membership;

/// Groups of people and devices, on both engines.
class TestDeviceGroups : public ApiTest
{
    Q_OBJECT

private Q_SLOTS:
    void nameAndRegionAreKept();
    void namesAreTakenOnce();
    void peopleAndDevicesBelongForATime();
    void nobodyBelongsTwiceAtOneTime_data();
    void nobodyBelongsTwiceAtOneTime();
    void unknownMembersAreRefused();
    void membershipEndsAndMayBeginAgain();
    void whatHasNotBegunIsTakenBack();
    void retiredGroupEndsAndTakesNobody();

private:
    void prepare() override;
    template <typename Use> void onGroups(Use use) const
    {
        rig->onDatabase([&use](const QSqlDatabase &database) { use(GroupTable(database)); });
    }
    DeviceGroup group(const QString &name) const;
    /// One line a membership.
    QString members(const QString &name) const;
    /// The code and sentence of the refusal; empty: it was done.
    QString add(const QString &name, const Membership &membership) const;
    int end(const QString &name, const std::optional<GroupMember> &member, qint64 atMs) const;

    const GroupMember anna{GroupMember::Kind::Person, u"anna"_s};
    const GroupMember laptop{GroupMember::Kind::Device, u"laptop-1"_s};
};

namespace {

QString refusal(const Result<> &done)
{
    return done ? QString() : QString(errorName(done.error().code)) + u": "_s + done.error().detail;
}

} // namespace

void TestDeviceGroups::prepare()
{
    rig->start();
    rig->onDatabase([](const QSqlDatabase &database) {
        const server::PeopleTable people(database);
        QVERIFY(people.add(server::Account{u"a"_s, u"Studio"_s, u"organisation"_s, false, {}, true}, 1));
        QVERIFY(people.add(server::User{u"id of anna"_s, u"a"_s, u"anna"_s, Role::Photographer, true}, 1));
        QVERIFY(GroupTable(database).add(u"Berlin"_s, u"eu"_s));
    });
    rig->change(u"INSERT INTO dim_devices (device_id, device_type, os_version) VALUES ('laptop-1', 'laptop', '11'), ('laptop-1', 'laptop', '12')"_s);
}

DeviceGroup TestDeviceGroups::group(const QString &name) const
{
    DeviceGroup found;
    onGroups([&](const GroupTable &groups) { found = groups.named(name)->value_or(DeviceGroup()); });
    return found;
}

QString TestDeviceGroups::members(const QString &name) const
{
    QStringList lines;
    const DeviceGroup of = group(name);
    onGroups([&](const GroupTable &groups) {
        const Result<QList<Membership>> found = groups.membersOf(of);
        QVERIFY(found);
        for (const Membership &membership : *found) {
            const QString until = membership.untilMs ? QString::number(*membership.untilMs) : QString();
            lines.append(u"%1 %2-%3"_s.arg(membership.member.name, QString::number(membership.fromMs), until));
        }
    });
    return lines.join(u", "_s);
}

QString TestDeviceGroups::add(const QString &name, const Membership &membership) const
{
    QString refused;
    const DeviceGroup to = group(name);
    onGroups([&](const GroupTable &groups) { refused = refusal(groups.add(to, membership)); });
    return refused;
}

int TestDeviceGroups::end(const QString &name, const std::optional<GroupMember> &member, qint64 atMs) const
{
    int ended = -1;
    const DeviceGroup of = group(name);
    onGroups([&](const GroupTable &groups) { ended = *groups.end(of, member, atMs); });
    return ended;
}

void TestDeviceGroups::nameAndRegionAreKept()
{
    DeviceGroup berlin = group(u"Berlin"_s);
    QCOMPARE(berlin.region, u"eu"_s);
    QVERIFY(berlin.isActive);

    berlin.name = u"Berlin and Potsdam"_s;
    berlin.region.clear();
    onGroups([&berlin](const GroupTable &groups) { QVERIFY(groups.say(berlin)); });

    QCOMPARE(group(u"Berlin"_s).key, 0);
    QCOMPARE(group(u"Berlin and Potsdam"_s).key, berlin.key);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM dim_device_groups WHERE group_key > 0 AND region IS NULL"_s), 1);
}

void TestDeviceGroups::namesAreTakenOnce()
{
    const QString taken = u"API_REQUEST_REFUSED: there is a group of this name"_s;
    onGroups([&](const GroupTable &groups) {
        QCOMPARE(refusal(groups.add(u"Berlin"_s, {})), taken);
        QCOMPARE(refusal(groups.add(u"unknown"_s, {})), taken); // the row for those that are in none
        QVERIFY(groups.add(u"Rental"_s, {}));
    });
    DeviceGroup rental = group(u"Rental"_s);
    rental.name = u"Berlin"_s;

    onGroups([&](const GroupTable &groups) { QCOMPARE(refusal(groups.say(rental)), taken); });
}

void TestDeviceGroups::peopleAndDevicesBelongForATime()
{
    QCOMPARE(add(u"Berlin"_s, {anna, 1000, {}}), QString());
    QCOMPARE(add(u"Berlin"_s, {laptop, 2000, 3000}), QString());

    QCOMPARE(members(u"Berlin"_s), u"anna 1000-, laptop-1 2000-3000"_s);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM dim_device_group_members m JOIN dim_users u ON u.user_key = m.user_key WHERE u.user_id = 'id of anna'"
                      " AND m.device_key IS NULL"_s),
             1);
    QCOMPARE(rig->sql(u"SELECT d.os_version FROM dim_device_group_members m JOIN dim_devices d ON d.device_key = m.device_key"_s).toString(), u"11"_s);
}

void TestDeviceGroups::nobodyBelongsTwiceAtOneTime_data()
{
    QTest::addColumn<int>("from");
    QTest::addColumn<int>("until");
    QTest::addColumn<bool>("isTaken");
    QTest::newRow("the same time") << 1000 << 2000 << true;
    QTest::newRow("into its begin") << 500 << 1001 << true;
    QTest::newRow("before it ends, without an end") << 1999 << 0 << true;
    QTest::newRow("inside") << 1200 << 1300 << true;
    QTest::newRow("around") << 1 << 0 << true;
    QTest::newRow("until it begins") << 500 << 1000 << false;
    QTest::newRow("from its end on") << 2000 << 0 << false;
}

void TestDeviceGroups::nobodyBelongsTwiceAtOneTime()
{
    QFETCH(const int, from);
    QFETCH(const int, until);
    QFETCH(const bool, isTaken);
    QCOMPARE(add(u"Berlin"_s, {anna, 1000, 2000}), QString());

    const QString refused = add(u"Berlin"_s, {anna, from, until > 0 ? std::optional<qint64>(until) : std::nullopt});

    QCOMPARE(refused, isTaken ? u"API_REQUEST_REFUSED: anna belongs to the group in that time already"_s : QString());
    QCOMPARE(rig->sql(u"SELECT count(*) FROM dim_device_group_members"_s), isTaken ? 1 : 2);
}

void TestDeviceGroups::unknownMembersAreRefused()
{
    QCOMPARE(add(u"Berlin"_s, {{GroupMember::Kind::Person, u"laptop-1"_s}, 1000, {}}), u"API_REQUEST_REFUSED: there is no user laptop-1"_s);
    QCOMPARE(add(u"Berlin"_s, {{GroupMember::Kind::Device, u"anna"_s}, 1000, {}}), u"API_REQUEST_REFUSED: there is no device anna"_s);
    QCOMPARE(add(u"Berlin"_s, {{GroupMember::Kind::Device, u"unknown"_s}, 1000, {}}), u"API_REQUEST_REFUSED: there is no device unknown"_s);
}

void TestDeviceGroups::membershipEndsAndMayBeginAgain()
{
    QCOMPARE(add(u"Berlin"_s, {anna, 1000, {}}), QString());
    QCOMPARE(add(u"Berlin"_s, {laptop, 1000, {}}), QString());

    QCOMPARE(end(u"Berlin"_s, anna, 5000), 1);
    QCOMPARE(end(u"Berlin"_s, anna, 5000), 0); // it is over
    QCOMPARE(add(u"Berlin"_s, {anna, 6000, {}}), QString());

    QCOMPARE(members(u"Berlin"_s), u"anna 1000-5000, anna 6000-, laptop-1 1000-"_s);
}

void TestDeviceGroups::whatHasNotBegunIsTakenBack()
{
    QCOMPARE(add(u"Berlin"_s, {anna, 9000, {}}), QString());

    QCOMPARE(end(u"Berlin"_s, anna, 5000), 1);
    QCOMPARE(members(u"Berlin"_s), u"anna 9000-9000"_s);
    QCOMPARE(end(u"Berlin"_s, anna, 5000), 0);
    QCOMPARE(add(u"Berlin"_s, {anna, 9000, 9500}), QString());

    QCOMPARE(members(u"Berlin"_s), u"anna 9000-9500"_s);
}

void TestDeviceGroups::retiredGroupEndsAndTakesNobody()
{
    QCOMPARE(add(u"Berlin"_s, {anna, 1000, {}}), QString());
    QCOMPARE(add(u"Berlin"_s, {laptop, 1000, 2000}), QString());
    DeviceGroup berlin = group(u"Berlin"_s);
    const auto setActive = [&](bool isActive) {
        berlin.isActive = isActive;
        onGroups([&berlin](const GroupTable &groups) { QVERIFY(groups.say(berlin)); });
    };
    const auto offered = [this](bool isActive) {
        qsizetype count = -1;
        onGroups([&](const GroupTable &groups) { count = groups.groups(isActive)->size(); });
        return count;
    };

    setActive(false);
    QCOMPARE(end(u"Berlin"_s, {}, 5000), 1);

    QCOMPARE(offered(true), 0);
    QCOMPARE(offered(false), 1);
    QCOMPARE(members(u"Berlin"_s), u"anna 1000-5000, laptop-1 1000-2000"_s);
    QCOMPARE(add(u"Berlin"_s, {anna, 6000, {}}), u"API_REQUEST_REFUSED: the group Berlin is retired"_s);
    setActive(true);
    QCOMPARE(add(u"Berlin"_s, {anna, 6000, {}}), QString());
    QCOMPARE(offered(true), 1);
}

QTEST_GUILESS_MAIN(TestDeviceGroups)
#include "tst_devicegroups.moc"
