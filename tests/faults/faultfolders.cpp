#include "tests/faults/faultfolders.h"

#include "tests/faults/checker/rows.h"
#include "tests/support/smallphotos.h"

#include <QElapsedTimer>
#include <QFile>

#include <filesystem>
#include <fstream>

#include <sys/stat.h>

namespace photolift::faults {

namespace fs = std::filesystem;

namespace {
fs::path pathOf(const QByteArray &bytes)
{
    return fs::path(bytes.toStdString());
}
}

FaultFolders::FaultFolders()
    : m_root(QFile::encodeName(m_folder.path()))
{
    ::mkdir(source().constData(), 0755);
}

FaultFolders::~FaultFolders()
{
    std::error_code ignored;
    fs::remove_all(pathOf(source()), ignored);
}

bool FaultFolders::write(const QByteArray &name, const QByteArray &content) const
{
    const fs::path file = pathOf(path(name));
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    std::ofstream stream(file, std::ios::binary);
    stream.write(content.constData(), content.size());
    return stream.flush().good();
}

bool FaultFolders::writePhoto(const QByteArray &name, int seed) const
{
    return write(name, support::jpegBytes(seed));
}

bool FaultFolders::remember(const QByteArray &sources) const
{
    return support::takeSnapshot(snapshotFile(), {sources});
}

QString FaultFolders::violations(const QJsonObject &figures) const
{
    return support::violations({data()}, {}, snapshot(), figures).join(u'\n'); // as text, so that QCOMPARE shows it
}

QString FaultFolders::snapshot() const
{
    return QFile::exists(snapshotFile()) ? snapshotFile() : QString();
}

bool FaultFolders::drain() const
{
    QElapsedTimer timer;
    timer.start();
    while (rows(QStringLiteral("outbox WHERE sent_ms IS NULL")) != 0) {
        support::CliRun(data()).run({QStringLiteral("retry"), QStringLiteral("--all"), QStringLiteral("--wait"), QStringLiteral("60s")});
        if (timer.hasExpired(60000))
            return false;
    }
    return true;
}

qint64 FaultFolders::rows(const QString &tableAndCondition) const
{
    const QString database = data() + QStringLiteral("/photolift.db");
    if (!QFile::exists(database))
        return 0;
    const auto open = check::Rows::open(database);
    return open ? (*open)->number(QStringLiteral("SELECT count(*) FROM ") + tableAndCondition) : 0;
}

QByteArray FaultFolders::serverLog() const
{
    QFile log(data() + QStringLiteral("/logs/server.log"));
    return log.open(QIODevice::ReadOnly) ? log.readAll() : QByteArray();
}

bool FaultFolders::hasObjectOf(const QByteArray &path) const
{
    const QString source = QFile::decodeName(path);
    const QString sha256 = support::sha256OfFile(source);
    if (sha256.isEmpty())
        return false;
    const QString object = server() + QStringLiteral("/objects/%1/%2/%3-%4")
                                          .arg(sha256.first(2), sha256.sliced(2, 2), sha256, QString::number(QFileInfo(source).size()));
    return support::sha256OfFile(object) == sha256;
}

QList<QByteArray> FaultFolders::filesBelow(const QByteArray &folder)
{
    QList<QByteArray> files;
    std::error_code error;
    for (fs::recursive_directory_iterator each(pathOf(folder), error), end; each != end; each.increment(error)) {
        if (each->is_regular_file(error) && !each->is_symlink(error))
            files.append(QByteArray::fromStdString(each->path().lexically_relative(pathOf(folder)).string()));
    }
    return files;
}

} // namespace photolift::faults
