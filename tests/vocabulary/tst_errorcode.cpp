#include "models/vocabulary/errorcode.h"
#include "models/vocabulary/status.h"

#include <QTest>

#include <set>

using namespace photolift;
using namespace Qt::StringLiterals;

class TestErrorCode : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyCodeOfTheListIsKnownByItsName()
    {
        QFile list(qEnvironmentVariable("PHOTOLIFT_SOURCE") + u"/resources/errors.csv"_s);
        QVERIFY(list.open(QIODevice::ReadOnly));
        list.readLine();
        int lines = 0;
        while (!list.atEnd()) {
            const QString code = QString::fromUtf8(list.readLine()).section(u',', 0, 0);
            QCOMPARE(QString(errorName(errorFromName(code))), code);
            ++lines;
        }
        QCOMPARE(lines, static_cast<int>(allErrors().size()));
    }

    void anUnknownNameIsInternalUnknown() { QCOMPARE(errorFromName(u"FROM_A_NEWER_SERVER"), ErrorCode::InternalUnknown); }

    void aCodeBeginsWithItsStageOrItsArea()
    {
        const std::set<QString> areas{u"LOCAL"_s, u"NETWORK"_s, u"API"_s, u"PROJECT"_s, u"INTERNAL"_s, u"USER"_s};
        for (const ErrorInfo &info : allErrors()) {
            const QString begin = QString(info.name).section(u'_', 0, 0);
            if (info.home)
                QCOMPARE(begin, QString(stageName(*info.home)).section(u'_', 0, 0).toUpper());
            else
                QVERIFY2(areas.contains(begin), info.name.data());
        }
    }

    void aLineIsReadWhole()
    {
        const ErrorInfo &info = errorInfo(ErrorCode::ValidationTruncated);

        QCOMPARE(info.name, "VALIDATION_TRUNCATED"_L1);
        QCOMPARE(info.home, Stage::Validation);
        QCOMPARE(info.type, ErrorType::User);
        QCOMPARE(info.severity, 4);
        QVERIFY(info.isFatal);
        QCOMPARE(info.retry, RetryPolicy::None);
        QCOMPARE(QString::fromUtf8(info.title), u"File is damaged: its end is missing"_s);
    }

    void namesOfStagesAndStatusesComeBack()
    {
        for (const Stage stage : AllStages)
            QCOMPARE(stageFromName(QString(stageName(stage))), stage);
        for (const StatusInfo &info : allStatuses())
            QCOMPARE(statusFromName(QString(info.name)), info.status);
        QVERIFY(!stageFromName(u"Transfer"));
    }

    void onlySuccessIsASuccess()
    {
        QVERIFY(statusInfo(Status::Duplicate).isSuccess);
        QVERIFY(statusInfo(Status::Succeeded).isSuccess);
        QVERIFY(!statusInfo(Status::Cancelled).isSuccess);
        QVERIFY(isTerminal(Status::Failed));
        QVERIFY(!isTerminal(Status::WaitingToRetry));
    }
};

QTEST_GUILESS_MAIN(TestErrorCode)
#include "tst_errorcode.moc"
