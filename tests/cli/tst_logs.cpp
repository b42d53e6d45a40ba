#include "models/vocabulary/stage.h"
#include "tests/faults/faultfolders.h"
#include "tests/support/smallphotos.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::FaultFolders;
using support::CliAnswer;
using support::CliRun;

namespace {

/// A log as it lies in the data folder; a line that is no object, or without a field that each has, makes `fault`.
struct Log {
    QList<QJsonObject> lines;
    QByteArray text;
    QString fault;

    explicit Log(const QString &path)
    {
        QFile file(path);
        if (!file.open(QIODevice::ReadOnly))
            fault = file.errorString();
        text = file.readAll();
        for (const QByteArray &line : text.split('\n')) {
            if (line.isEmpty())
                continue;
            const QJsonObject object = QJsonDocument::fromJson(line).object();
            if (!object.contains("ts"_L1) || !object.contains("message"_L1) || !object.contains("correlation"_L1))
                fault = QString::fromUtf8(line);
            lines.append(object);
        }
    }

    /// The messages of the lines that bear the id in their field, in order.
    QStringList story(const QString &id) const
    {
        QStringList messages;
        for (const QJsonObject &line : lines) {
            if (line.value("correlation"_L1) == id)
                messages.append(line.value("message"_L1).toString());
        }
        return messages;
    }

    /// As the path of the commit names it.
    QString uploadIdOf(const QString &id) const
    {
        static const QRegularExpression commit(u"^/v1/uploads/([0-9a-f-]{36})/commit$"_s);
        for (const QJsonObject &line : lines) {
            const QRegularExpressionMatch match = commit.match(line.value("path"_L1).toString());
            if (match.hasMatch() && line.value("correlation"_L1) == id)
                return match.captured(1);
        }
        return {};
    }

    /// Those that speak of the attempt, in any of the words for it, but do not bear its id.
    QList<QJsonObject> strays(const QString &id, const QStringList &words) const
    {
        QList<QJsonObject> found;
        for (const QJsonObject &line : lines) {
            const QString whole = QString::fromUtf8(QJsonDocument(line).toJson());
            const bool isAbout = std::any_of(words.begin(), words.end(), [&whole](const QString &word) { return whole.contains(word); });
            if (isAbout && line.value("correlation"_L1) != id)
                found.append(line);
        }
        return found;
    }
};

bool isOwnersAlone(const QString &path)
{
    constexpr QFile::Permissions others = QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther;
    return !(QFileInfo(path).permissions() & others);
}

} // namespace

/// One photo's story in the two logs of a data folder, for whoever looks at a failure.
class TestLogs : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void onePhotoIsFollowedByItsId();
    void anInterruptionIsNobodysCancel();
};

void TestLogs::onePhotoIsFollowedByItsId()
{
    FaultFolders folders;
    QVERIFY(folders.writePhoto("a-name-nobody-else-has.jpg", 1));
    CliRun cli(folders.data());

    const CliAnswer answer = cli.run({u"upload"_s, folders.sourceText()});

    QVERIFY2(answer.exitCode == 0, qPrintable(answer.toText()));
    const QString id = answer.photos.constFirst().clientUploadId;
    const QString clientFile = cli.dataFolder() + u"/logs/photolift.log"_s;
    const QString serverFile = cli.dataFolder() + u"/logs/server.log"_s;
    const Log client(clientFile);
    const Log server(serverFile);
    QCOMPARE(client.fault, QString());
    QCOMPARE(server.fault, QString());
    QVERIFY(isOwnersAlone(clientFile));
    QVERIFY(isOwnersAlone(serverFile));

    const QStringList here = client.story(id);
    const QStringList there = server.story(id);
    for (const Stage stage : AllStages) {
        const QString ended = u"stage "_s + stageName(stage) + u" ended after"_s;
        QVERIFY2(here.filter(ended).size() == 1, qPrintable(ended + u": "_s + here.join(u'\n')));
        if (isServerStage(stage)) {
            QCOMPARE(there.filter(ended).size(), 1);
            QCOMPARE(there.filter(u"stage "_s + stageName(stage) + u" began"_s).size(), 1);
        } else {
            QCOMPARE(here.filter(u"stage "_s + stageName(stage) + u" began"_s).size(), 1);
        }
    }
    QCOMPARE(here.last(), u"attempt 1 ended: succeeded"_s);
    QCOMPARE(there.last(), u"attempt 1 ended: succeeded"_s);
    QVERIFY(there.filter(u"request"_s).size() >= 3); // the question, the bytes, the commit

    // The server's name of the upload leads to the same photo.
    const QString uploadId = server.uploadIdOf(id);
    QVERIFY(!uploadId.isEmpty());
    QCOMPARE(client.strays(id, {id, uploadId}), QList<QJsonObject>());
    QCOMPARE(server.strays(id, {id, uploadId}), QList<QJsonObject>());
    QVERIFY(!client.text.contains("a-name-nobody") && !server.text.contains("a-name-nobody"));
}

void TestLogs::anInterruptionIsNobodysCancel()
{
    FaultFolders folders;
    QVERIFY(folders.write("photo.jpg", support::jpegBytes(1, 3'000'000)));
    CliRun cli(folders.data());
    QVERIFY(cli.start({u"upload"_s, folders.sourceText(), u"--limit-rate"_s, u"200K"_s}));
    QTRY_VERIFY_WITH_TIMEOUT(folders.rows(u"queue_uploads"_s) == 1, 30000); // it travels, or is about to

    cli.interrupt();
    const CliAnswer answer = cli.finish();

    QCOMPARE(answer.exitCode, 130);
    QCOMPARE(folders.rows(u"fact_upload_errors WHERE error_code = 'USER_CANCELLED'"_s), 0);
    QCOMPARE(folders.rows(u"queue_items WHERE state = 'cancelled'"_s), 0);
    QVERIFY(!Log(cli.dataFolder() + u"/logs/photolift.log"_s).text.contains("USER_CANCELLED"));
    QVERIFY(!Log(cli.dataFolder() + u"/logs/server.log"_s).text.contains("USER_CANCELLED"));

    QCOMPARE(cli.run({u"upload"_s, folders.sourceText(), u"--limit-rate"_s, u"0"_s}).exitCode, 0);
}

QTEST_GUILESS_MAIN(TestLogs)
#include "tst_logs.moc"
