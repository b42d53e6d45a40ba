#pragma once

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <memory>
#include <optional>

namespace photolift::server {

/// Reads a TOML file by "table.key" and collects everything that is wrong with it: values of another kind, keys nobody asked for.
class ConfigReader
{
public:
    explicit ConfigReader(const QString &file); ///< a file that cannot be read or parsed is a fault
    ~ConfigReader();
    ConfigReader(const ConfigReader &) = delete;
    ConfigReader &operator=(const ConfigReader &) = delete;

    bool has(const char *key);
    QString text(const char *key, const QString &otherwise = {});
    QString requiredText(const char *key);
    QStringList texts(const char *key); ///< a list of them; empty when the key is missing
    /// One of these words; the first is the default.
    QString word(const char *key, const QStringList &words);
    qint64 integer(const char *key, qint64 otherwise, qint64 least, qint64 most);
    bool flag(const char *key, bool otherwise);
    /// What stands in the file that KEY_file names, or in the environment variable that KEY_env names, without the line end. A file that
    /// others can read is a fault: a secret in it is none.
    QByteArray requiredSecret(const char *key);

    void fault(const char *key, const QString &what);
    /// The faults; keys nobody asked for among them.
    QStringList finish();
    /// All keys that were asked for so far.
    QStringList asked() const;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace photolift::server
