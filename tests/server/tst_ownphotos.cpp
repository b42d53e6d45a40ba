#include "app/cli/photofile.h"
#include "models/photo/digest.h"
#include "models/vocabulary/ids.h"
#include "tests/support/clirun.h"
#include "tests/support/organisationrun.h"
#include "tests/support/serverrun.h"
#include "tests/support/smallphotos.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::support;

namespace {

QByteArray bytesOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("unreadable");
}

QString sha256Of(const QByteArray &bytes)
{
    photo::Sha256 hash;
    hash.add(bytes);
    return QString::fromLatin1(hash.result().toHex());
}

QStringList filesBelow(const QString &folder)
{
    QStringList files;
    for (QDirIterator it(folder, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories); it.hasNext();)
        files.append(QDir(folder).relativeFilePath(it.next()));
    files.sort();
    return files;
}

} // namespace

/// What people do with the command line to photos that are on an organisation's server: PostgreSQL, a real object store, links.
class TestOwnPhotos : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void photosAreDownloadedAsTheyWere();
    void nothingThatIsThereIsReplaced();
    void anothersPhotosAreUnknown();
    void whoAsksTooOftenWaits();
    void removedAndRestored();
    void aBatchIsRemoved();
    void whatIsWrongIsSaid_data();
    void whatIsWrongIsSaid();
    void anExportHasEverything();
    void anExportHasWhatIsNoPhoto();
    void anExportGoesOnWhereItEnded();
    void anExportIsNeverPutIntoAnother();
    void aDamagedOriginalIsNamed();
    void aFileIsKeptOnlyWhenItIsRight();
    void aFileStaysInItsFolder();

private:
    CliAnswer run(const QStringList &command, const QString &who = u"anna"_s)
    {
        // Each with a token of its own: of one only so many exchanges a minute are allowed, and whoever has used them up waits.
        CliRun cli(m_folder.filePath(who));
        return cli.run(command + QStringList{u"--server"_s, m_organisation.address().toString(), u"--token-file"_s, m_organisation.tokenFileFor(who)});
    }
    QByteArray exportTo(const QString &folder, const QString &who = u"anna"_s)
    {
        return m_organisation.command({u"user"_s, u"export"_s, who, u"--into"_s, folder});
    }
    QList<QJsonObject> lines(const QString &file) const
    {
        QList<QJsonObject> objects;
        for (const QByteArray &line : bytesOf(file).split('\n')) {
            if (!line.isEmpty())
                objects.append(QJsonDocument::fromJson(line).object());
        }
        return objects;
    }
    QString into(const QString &name) const { return m_folder.filePath(name); }

    OrganisationRun m_organisation;
    QTemporaryDir m_folder;
    QStringList m_ids;
};

void TestOwnPhotos::initTestCase()
{
    QVERIFY2(m_organisation.start(), qPrintable(m_organisation.failure()));
    QVERIFY2(m_organisation.openPhotosWith(programFolder() + u"/hostilephoto"_s), qPrintable(m_organisation.failure()));
    QVERIFY2(m_organisation.startServer(), qPrintable(m_organisation.failure()));
    for (const QString &name : {u"anna"_s, u"bert"_s, u"carla"_s}) {
        m_organisation.command({u"user"_s, u"add"_s, name, u"--role"_s, u"photographer"_s});
        QVERIFY2(m_organisation.lastExit() == 0, qPrintable(m_organisation.failure()));
    }
    const QString photos = m_folder.filePath(u"card"_s);
    for (int i = 0; i < 3; ++i)
        writeJpeg(photos + u"/100CANON/IMG_%1.JPG"_s.arg(i), i);
    QFile large(photos + u"/100CANON/IMG_0.JPG"_s); // comes in three ranges: the zeros are behind the picture's end
    QVERIFY(large.resize(20 * 1024 * 1024));
    const CliAnswer uploaded = run({u"upload"_s, photos});
    QVERIFY2(uploaded.exitCode == 0 && uploaded.count("succeeded"_L1) == 3, qPrintable(uploaded.toText()));
    for (int i = 0; i < 3; ++i)
        m_ids.append(uploaded.photo(QFile::encodeName(photos + u"/100CANON/IMG_%1.JPG"_s.arg(i)))->clientUploadId);
}

void TestOwnPhotos::photosAreDownloadedAsTheyWere()
{
    const CliAnswer answer = run(QStringList{u"download"_s, u"--into"_s, into(u"all"_s)} + m_ids);

    QVERIFY2(answer.exitCode == 0, qPrintable(answer.toText()));
    QCOMPARE(answer.others.size(), 3);
    QCOMPARE(filesBelow(into(u"all"_s)).size(), 3);
    for (const QJsonObject &line : answer.others) {
        QCOMPARE(line.value("event"_L1).toString(), u"downloaded"_s);
        const QString path = line.value("path"_L1).toString();
        const QByteArray original = bytesOf(m_folder.filePath(u"card/100CANON/"_s + path.section(u'/', -1)));
        QVERIFY(!original.isEmpty());
        QCOMPARE(bytesOf(path) == original, true);
        QCOMPARE(line.value("sha256"_L1).toString(), sha256Of(original));
    }
}

void TestOwnPhotos::nothingThatIsThereIsReplaced()
{
    const CliAnswer first = run({u"download"_s, u"--into"_s, into(u"twice"_s), m_ids.at(1)});
    QVERIFY2(first.exitCode == 0, qPrintable(first.toText()));
    const QString path = first.others.value(0).value("path"_L1).toString();
    QFile changed(path);
    QVERIFY(changed.open(QIODevice::WriteOnly) && changed.write("mine") == 4);
    changed.close();

    const CliAnswer again = run({u"download"_s, u"--into"_s, into(u"twice"_s), m_ids.at(1), m_ids.at(2)});

    QCOMPARE(again.exitCode, 1);
    QVERIFY2(again.errorOutput.contains("is there already"), qPrintable(again.toText()));
    QCOMPARE(bytesOf(path), QByteArray("mine"));
    QCOMPARE(filesBelow(into(u"twice"_s)).size(), 2); // the other has come
}

void TestOwnPhotos::anothersPhotosAreUnknown()
{
    for (const QStringList &words : {QStringList{u"download"_s, u"--into"_s, into(u"stolen"_s)}, QStringList{u"remove"_s}, QStringList{u"restore"_s}}) {
        const CliAnswer answer = run(words + QStringList{m_ids.at(1)}, u"bert"_s);
        QCOMPARE(answer.exitCode, 1);
        QVERIFY2(answer.errorOutput.contains("you have no such photo there"), qPrintable(answer.toText()));
    }
    QCOMPARE(filesBelow(into(u"stolen"_s)), QStringList());
    QCOMPARE(m_organisation.sql(u"SELECT string_agg(a.action, ' ' ORDER BY a.number) FROM server_audit a JOIN server_users u ON u.user_id = a.actor"
                                " WHERE u.user_name = 'bert' AND a.subject = '%1'"_s.arg(m_ids.at(1))),
             u"photo.link_refused photo.remove_refused photo.restore_refused"_s);
}

void TestOwnPhotos::whoAsksTooOftenWaits()
{
    const QStringList words{u"restore"_s, m_ids.at(1), u"--server"_s, m_organisation.address().toString(), u"--token-file"_s,
                            m_organisation.tokenFileFor(u"anna"_s)};
    CliRun cli(m_folder.filePath(u"often"_s));
    QCOMPARE(cli.run(words).exitCode, 0);
    const CliAnswer patient = cli.run(words);
    QVERIFY2(patient.exitCode == 0, qPrintable(patient.toText()));
}

void TestOwnPhotos::removedAndRestored()
{
    const CliAnswer removed = run({u"remove"_s, m_ids.at(1)});
    QVERIFY2(removed.exitCode == 0, qPrintable(removed.toText()));
    QCOMPARE(removed.others.value(0).value("removed"_L1).toInt(), 1);
    QCOMPARE(run({u"download"_s, u"--into"_s, into(u"back"_s), m_ids.at(1)}).exitCode, 1);

    const CliAnswer restored = run({u"restore"_s, m_ids.at(1)});
    QVERIFY2(restored.exitCode == 0, qPrintable(restored.toText()));
    QCOMPARE(restored.others.value(0).value("removed"_L1).toInt(), 0);
    QCOMPARE(run({u"download"_s, u"--into"_s, into(u"back"_s), m_ids.at(1)}).exitCode, 0);
    QCOMPARE(filesBelow(into(u"back"_s)).size(), 1);
}

void TestOwnPhotos::aBatchIsRemoved()
{
    const QString batch = m_organisation.sql(u"SELECT b.batch_id FROM dim_batches b JOIN fact_upload_attempts a ON a.batch_key = b.batch_key"
                                             " WHERE a.client_upload_id = '%1'"_s.arg(m_ids.first()));
    const CliAnswer removed = run({u"remove"_s, u"--batch"_s, batch});
    QVERIFY2(removed.exitCode == 0, qPrintable(removed.toText()));
    QCOMPARE(removed.others.value(0).value("removed"_L1).toInt(), 3);
    QCOMPARE(m_organisation.sql(u"SELECT count(*) FROM server_withdrawals"_s), u"3"_s);
    QCOMPARE(run({u"restore"_s, u"--batch"_s, batch}).exitCode, 0);
    QCOMPARE(m_organisation.sql(u"SELECT count(*) FROM server_withdrawals"_s), u"0"_s);
}

void TestOwnPhotos::whatIsWrongIsSaid_data()
{
    QTest::addColumn<QStringList>("words");
    QTest::addColumn<int>("exitCode");
    QTest::addColumn<QByteArray>("says");
    QTest::newRow("no id") << QStringList{u"remove"_s} << 2 << QByteArray("ids are needed");
    QTest::newRow("another word") << QStringList{u"remove"_s, u"IMG_1.JPG"_s} << 2 << QByteArray("is not an id");
    QTest::newRow("nowhere to put it") << QStringList{u"download"_s, idText(newUuid7())} << 2 << QByteArray("--into");
    QTest::newRow("nobody's") << QStringList{u"restore"_s, idText(newUuid7())} << 1 << QByteArray("you have no such photo there");
}

void TestOwnPhotos::whatIsWrongIsSaid()
{
    QFETCH(const QStringList, words);
    QFETCH(const QByteArray, says);
    const CliAnswer answer = run(words);
    QTEST(answer.exitCode, "exitCode");
    QVERIFY2(answer.errorOutput.contains(says), qPrintable(answer.toText()));
}

void TestOwnPhotos::anExportHasEverything()
{
    const QString folder = into(u"export"_s);
    const QByteArray said = exportTo(folder);
    QVERIFY2(m_organisation.lastExit() == 0, qPrintable(m_organisation.failure()));
    QVERIFY2(said.startsWith("3 photos, "), said.constData());
    QVERIFY(m_organisation.failure().contains(u"originals: 3"_s)); // how far it was

    const QList<QJsonObject> originals = lines(folder + u"/originals.jsonl"_s);
    QCOMPARE(originals.size(), 3);
    for (const QJsonObject &line : originals) {
        const QByteArray original = bytesOf(m_folder.filePath(u"card/100CANON/"_s + line.value("relative_path"_L1).toString().section(u'/', -1)));
        QCOMPARE(line.value("sha256"_L1).toString(), sha256Of(original));
        QVERIFY(bytesOf(folder + u'/' + line.value("file"_L1).toString()) == original);
    }
    QCOMPARE(lines(folder + u"/person.jsonl"_s).value(0).value("user_name"_L1).toString(), u"anna"_s);
    QVERIFY(!lines(folder + u"/tokens.jsonl"_s).isEmpty());
    QVERIFY(!bytesOf(folder + u"/tokens.jsonl"_s).contains("hash"));
    QCOMPARE(lines(folder + u"/attempts.jsonl"_s).size(), 3);
    QVERIFY(lines(folder + u"/stages.jsonl"_s).size() >= 3 * 6); // those of the server at least
    QCOMPARE(lines(folder + u"/photos.jsonl"_s).size(), 3);
    QVERIFY(lines(folder + u"/photos.jsonl"_s).first().value("extracted_metadata"_L1).isObject());
    QCOMPARE(lines(folder + u"/batches.jsonl"_s).size(), 1);
    QCOMPARE(lines(folder + u"/search.jsonl"_s).size(), 3);
    QVERIFY(lines(folder + u"/search.jsonl"_s).first().value("name"_L1).toString().startsWith(u"IMG_"_s));
    QVERIFY(!lines(folder + u"/audit.jsonl"_s).isEmpty());
    QVERIFY(!QFile::exists(folder + u"/UNFINISHED"_s));
    const auto mine = QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ReadUser | QFileDevice::WriteUser;
    QCOMPARE(QFileInfo(folder).permissions(), mine | QFileDevice::ExeOwner | QFileDevice::ExeUser);
    for (const QString &file : filesBelow(folder))
        QVERIFY2(QFileInfo(folder + u'/' + file).permissions() == mine, qPrintable(file));
    QCOMPARE(m_organisation.sql(u"SELECT count(*) FROM server_audit a JOIN server_users u ON u.user_id = a.subject"
                                " WHERE a.action = 'user.exported' AND a.actor = 'command' AND u.user_name = 'anna'"_s),
             u"1"_s);
    const QString other = into(u"export of bert"_s);
    QVERIFY(exportTo(other, u"bert"_s).startsWith("0 photos, "));
    QVERIFY(lines(other + u"/attempts.jsonl"_s).isEmpty());
    for (const QString &file : filesBelow(other))
        QVERIFY2(!bytesOf(other + u'/' + file).contains("IMG_"), qPrintable(file));
}

/// An original that crashed its check, and telemetry that nobody could read.
void TestOwnPhotos::anExportHasWhatIsNoPhoto()
{
    const QString card = m_folder.filePath(u"carlas card"_s);
    writeJpeg(card + u"/sound.JPG"_s, 50);
    const QString hostile = writeJpeg(card + u"/hostile.JPG"_s, 51);
    QFile file(hostile);
    QVERIFY(file.open(QIODevice::Append) && file.write("HOSTILE:crash") > 0);
    file.close();
    const CliAnswer uploaded = run({u"upload"_s, card}, u"carla"_s);
    QVERIFY2(uploaded.count("succeeded"_L1) == 1 && uploaded.photo(QFile::encodeName(hostile))->errorCode == u"VALIDATION_CHECK_CRASHED"_s,
             qPrintable(uploaded.toText()));
    for (const QString &who : {u"bert"_s, u"carla"_s})
        QVERIFY2(m_organisation.tell(u"INSERT INTO staging.batch (batch_id, client_id, user_id, received_at, payload, error)"
                                     " SELECT 'batch of ' || user_name, 'device', user_id, now(), 'telemetry of ' || user_name, 'unreadable'"
                                     " FROM server_users WHERE user_name = '%1'"_s.arg(who)),
                 qPrintable(m_organisation.failure()));

    const QString folder = into(u"export of carla"_s);
    const QByteArray said = exportTo(folder, u"carla"_s);

    QVERIFY2(m_organisation.lastExit() == 0, qPrintable(m_organisation.failure()));
    QVERIFY2(said.startsWith("2 photos, 1 of them in quarantine, "), said.constData());
    const QList<QJsonObject> originals = lines(folder + u"/originals.jsonl"_s);
    QCOMPARE(originals.size(), 2);
    QVERIFY(!originals.first().contains("is_quarantined"_L1));
    const QJsonObject &kept = originals.last();
    QVERIFY(kept.value("is_quarantined"_L1).toBool());
    QVERIFY(kept.value("relative_path"_L1).toString().endsWith(u"hostile.JPG"_s));
    QVERIFY(bytesOf(folder + u'/' + kept.value("file"_L1).toString()) == bytesOf(hostile));
    QCOMPARE(lines(folder + u"/quarantine.jsonl"_s).size(), 1);
    QCOMPARE(lines(folder + u"/search.jsonl"_s).size(), 1);
    QCOMPARE(lines(folder + u"/search.jsonl"_s).first().value("name"_L1).toString(), u"sound.JPG"_s);
    const QList<QJsonObject> staged = lines(folder + u"/staged.jsonl"_s);
    QCOMPARE(staged.size(), 1);
    QCOMPARE(staged.first().value("payload"_L1).toString(), u"telemetry of carla"_s);
    QVERIFY(staged.first().value("received_ms"_L1).toDouble() > 0);
}

void TestOwnPhotos::anExportGoesOnWhereItEnded()
{
    const QString folder = into(u"resumed"_s);
    exportTo(folder);
    QCOMPARE(m_organisation.lastExit(), 0);
    const QStringList all = filesBelow(folder);
    const QString original = folder + u'/' + lines(folder + u"/originals.jsonl"_s).first().value("file"_L1).toString();
    QFile marker(folder + u"/UNFINISHED"_s); // as if it had been killed before its first original was whole
    QVERIFY(marker.open(QIODevice::WriteOnly));
    marker.write(m_organisation.sql(u"SELECT user_id FROM server_users WHERE user_name = 'anna'"_s).toUtf8());
    marker.close();
    QVERIFY(QFile::rename(original, original + u".part"_s));
    QFile torn(original + u".part"_s);
    QVERIFY(torn.resize(100));

    exportTo(folder, u"bert"_s);
    QCOMPARE(m_organisation.lastExit(), 1); // of somebody else
    exportTo(folder);

    QVERIFY2(m_organisation.lastExit() == 0, qPrintable(m_organisation.failure()));
    QCOMPARE(filesBelow(folder), all);
    QVERIFY(original.contains(sha256Of(bytesOf(original))));
}

void TestOwnPhotos::anExportIsNeverPutIntoAnother()
{
    const QString folder = into(u"taken"_s);
    QVERIFY(QDir().mkpath(folder));
    exportTo(folder);
    QCOMPARE(m_organisation.lastExit(), 1);
    QVERIFY2(m_organisation.failure().contains(u"is there already"_s), qPrintable(m_organisation.failure()));
    QCOMPARE(filesBelow(folder), QStringList());
    m_organisation.command({u"user"_s, u"export"_s, u"anna"_s});
    QCOMPARE(m_organisation.lastExit(), 2);
    exportTo(into(u"nobody"_s), u"nobody"_s);
    QCOMPARE(m_organisation.lastExit(), 1);
    QVERIFY(!QFile::exists(into(u"nobody"_s)));
}

/// Last of all: the records say then that an original is another one.
void TestOwnPhotos::aDamagedOriginalIsNamed()
{
    const QString wrong(64, u'0');
    QVERIFY(m_organisation.tell(u"UPDATE server_assets SET sha256 = '%1' WHERE client_upload_id = '%2'"_s.arg(wrong, m_ids.at(2))));
    QVERIFY(m_organisation.tell(u"UPDATE server_uploads SET sha256 = '%1' WHERE client_upload_id = '%2'"_s.arg(wrong, m_ids.at(2))));

    exportTo(into(u"damaged"_s));

    QCOMPARE(m_organisation.lastExit(), 1);
    QVERIFY2(m_organisation.failure().contains(u"1 originals are missing or damaged"_s), qPrintable(m_organisation.failure()));
    QCOMPARE(lines(into(u"damaged/originals.jsonl"_s)).size(), 2);
    QVERIFY(QFile::exists(into(u"damaged/UNFINISHED"_s)));
}

void TestOwnPhotos::aFileIsKeptOnlyWhenItIsRight()
{
    const QByteArray bytes = "the bytes of a photo";
    for (const QByteArray &came : {bytes.chopped(1), QByteArray("the bytes of a photO"), QByteArray(bytes + '!')}) {
        auto file = cli::PhotoFile::make(into(u"checked"_s), u"a/b.JPG"_s);
        QVERIFY(file && (*file)->add(came));
        const Result<> kept = (*file)->keep(sha256Of(bytes), bytes.size());
        QVERIFY(!kept);
        QCOMPARE(kept.error().code, ErrorCode::VerificationHashMismatch);
        *file = {};
        QCOMPARE(filesBelow(into(u"checked"_s)), QStringList());
    }
    auto file = cli::PhotoFile::make(into(u"checked"_s), u"a/b.JPG"_s);
    QVERIFY(file && (*file)->add(bytes));
    QFile meanwhile(into(u"checked/a/b.JPG"_s));
    QVERIFY(meanwhile.open(QIODevice::WriteOnly) && meanwhile.write("first") == 5);
    meanwhile.close();
    QVERIFY(!(*file)->keep(sha256Of(bytes), bytes.size()));
    QCOMPARE(bytesOf(meanwhile.fileName()), QByteArray("first"));
}

void TestOwnPhotos::aFileStaysInItsFolder()
{
    for (const QString &path : {u"../b.JPG"_s, u"a/../../b.JPG"_s, u"/tmp/b.JPG"_s, u"a//b.JPG"_s, u"a/"_s, u"."_s, QString()})
        QVERIFY2(!cli::PhotoFile::make(into(u"fenced"_s), path), qPrintable(path));
    QVERIFY(!QFile::exists(into(u"fenced"_s)));
}

QTEST_GUILESS_MAIN(TestOwnPhotos)
#include "tst_ownphotos.moc"
