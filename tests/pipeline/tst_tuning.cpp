#include "models/pipeline/engine.h"

#include <QTemporaryDir>
#include <QTest>

using namespace photolift;
using namespace photolift::pipeline;
using namespace Qt::StringLiterals;

class TestTuning : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_dir;
    QString file(const QByteArray &text) const
    {
        QFile target(m_dir.filePath(u"tuning.json"_s));
        static_cast<void>(target.open(QIODevice::WriteOnly));
        target.write(text);
        return target.fileName();
    }

private Q_SLOTS:
    void namesInTheFileReplaceTheDefaults()
    {
        const Result<Tuning> tuning = readTuning(file(R"({"jobs": 2, "longForMs": 5000})"), Tuning());

        QVERIFY(tuning);
        QCOMPARE(tuning->jobs, 2);
        QCOMPARE(tuning->longForMs, 5000);
        QCOMPARE(tuning->inRequestTries, Tuning().inRequestTries);
    }

    void anUnknownNameIsRefusedByName()
    {
        const Result<Tuning> tuning = readTuning(file(R"({"jobz": 2})"), Tuning());

        QVERIFY(!tuning);
        QCOMPARE(tuning.error().code, ErrorCode::ApiRequestRefused);
        QVERIFY(tuning.error().detail.contains(u"jobz"_s));
    }

    void zeroJobsAndNoFileAreRefused()
    {
        QVERIFY(!readTuning(file(R"({"jobs": 0})"), Tuning()));
        QVERIFY(!readTuning(m_dir.filePath(u"absent.json"_s), Tuning()));
    }
};

QTEST_APPLESS_MAIN(TestTuning)
#include "tst_tuning.moc"
