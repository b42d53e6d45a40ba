#include "tests/faults/servernames.h"

#include "tests/faults/faultfolders.h"

#include <QFile>
#include <QRegularExpression>

using namespace Qt::StringLiterals;

namespace photolift::faults {

QList<QByteArray> namesWeDidNotMake(const QString &serverFolder)
{
    static const QRegularExpression ours(uR"(^(objects/[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{64}-\d+)"
                                         uR"(|derived/([0-9a-f]{2}/){0,2}[0-9a-f]{64}-\d+[./-][a-z.]+)"
                                         uR"(|incoming/[0-9a-f-]{36}/[a-z0-9.-]+)"
                                         uR"(|[a-z]+\.(db|sqlite)(-wal|-shm)?|[a-z0-9.-]+\.log|token|[a-z.]*(lock|key|probe)[a-z.]*)$)"_s);
    QList<QByteArray> strange;
    const QList<QByteArray> files = FaultFolders::filesBelow(QFile::encodeName(serverFolder));
    for (const QByteArray &file : files) {
        if (!ours.match(QString::fromLatin1(file)).hasMatch())
            strange.append(file);
    }
    return strange;
}

} // namespace photolift::faults
