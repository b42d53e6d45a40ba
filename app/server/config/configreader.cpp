#include "app/server/config/configreader.h"

#include <QFile>
#include <QFileInfo>
#include <QSet>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

QString qt(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

void collectKeys(const toml::table &table, const QString &prefix, QStringList &keys)
{
    for (const auto &[key, value] : table) {
        const QString name = prefix + qt(key.str());
        if (const toml::table *inner = value.as_table())
            collectKeys(*inner, name + u'.', keys);
        else
            keys.append(name);
    }
}

} // namespace

class ConfigReader::Private
{
public:
    toml::node_view<const toml::node> at(const char *key)
    {
        asked.insert(QString::fromLatin1(key));
        return std::as_const(table).at_path(key);
    }
    QString where(const QString &key) const
    {
        const auto node = table.at_path(key.toStdString());
        if (!node)
            return key;
        return u"%1 (line %2)"_s.arg(key).arg(node.node()->source().begin.line);
    }

    toml::table table;
    QSet<QString> asked;
    QStringList faults;
    bool isReadable = false;
};

ConfigReader::ConfigReader(const QString &file)
    : d(std::make_unique<Private>())
{
    QFile in(file);
    if (!in.open(QIODevice::ReadOnly)) {
        d->faults.append(u"%1: %2"_s.arg(file, in.errorString()));
        return;
    }
    toml::parse_result parsed = toml::parse(in.readAll().toStdString());
    if (!parsed) {
        d->faults.append(u"%1, line %2: %3"_s.arg(file).arg(parsed.error().source().begin.line).arg(qt(parsed.error().description())));
        return;
    }
    d->table = std::move(parsed).table();
    d->isReadable = true;
}

ConfigReader::~ConfigReader() = default;

bool ConfigReader::has(const char *key)
{
    return bool(d->at(key));
}

QString ConfigReader::text(const char *key, const QString &otherwise)
{
    const auto node = d->at(key);
    if (!node)
        return otherwise;
    if (const auto value = node.value_exact<std::string>())
        return qt(*value);
    fault(key, u"has to be a text in quotes"_s);
    return otherwise;
}

QString ConfigReader::requiredText(const char *key)
{
    const QString value = text(key);
    if (value.isEmpty() && d->isReadable)
        fault(key, u"is needed"_s);
    return value;
}

QStringList ConfigReader::texts(const char *key)
{
    const auto node = d->at(key);
    if (!node)
        return {};
    QStringList list;
    const toml::array *values = node.as_array();
    for (qsizetype i = 0; values && i < static_cast<qsizetype>(values->size()); ++i) {
        if (const auto value = values->get(static_cast<std::size_t>(i))->value_exact<std::string>())
            list.append(qt(*value));
    }
    if (!values || list.size() != static_cast<qsizetype>(values->size()))
        fault(key, u"has to be a list of texts in quotes"_s);
    return list;
}

QString ConfigReader::word(const char *key, const QStringList &words)
{
    const QString value = text(key, words.first());
    if (!words.contains(value))
        fault(key, u"is one of: "_s + words.join(u", "));
    return value;
}

qint64 ConfigReader::integer(const char *key, qint64 otherwise, qint64 least, qint64 most)
{
    const auto node = d->at(key);
    if (!node)
        return otherwise;
    const auto value = node.value_exact<std::int64_t>();
    if (!value || *value < least || *value > most) {
        fault(key, u"has to be a number from %1 to %2"_s.arg(least).arg(most));
        return otherwise;
    }
    return *value;
}

bool ConfigReader::flag(const char *key, bool otherwise)
{
    const auto node = d->at(key);
    if (!node)
        return otherwise;
    if (const auto value = node.value_exact<bool>())
        return *value;
    fault(key, u"has to be true or false"_s);
    return otherwise;
}

QByteArray ConfigReader::requiredSecret(const char *key)
{
    const QByteArray fileKey = QByteArray(key) + "_file";
    const QByteArray environmentKey = QByteArray(key) + "_env";
    const QString file = text(fileKey.constData());
    const QString variable = text(environmentKey.constData());
    if (file.isEmpty() == variable.isEmpty()) {
        if (d->isReadable)
            fault(fileKey.constData(), u"or %1 is needed, one of them"_s.arg(QLatin1StringView(environmentKey)));
        return {};
    }
    QByteArray secret;
    if (!variable.isEmpty()) {
        secret = qgetenv(variable.toLocal8Bit().constData());
        if (secret.isEmpty())
            fault(environmentKey.constData(), u"names the variable %1, which is not set"_s.arg(variable));
        return secret;
    }
    QFile in(file);
    if (!in.open(QIODevice::ReadOnly)) {
        fault(fileKey.constData(), u"names %1: %2"_s.arg(file, in.errorString()));
        return {};
    }
    constexpr auto Others = QFileDevice::ReadGroup | QFileDevice::WriteGroup | QFileDevice::ReadOther | QFileDevice::WriteOther;
    if (in.permissions() & Others)
        fault(fileKey.constData(), u"names %1, which others can read: chmod 0400"_s.arg(file));
    secret = in.readAll();
    while (secret.endsWith('\n') || secret.endsWith('\r'))
        secret.chop(1);
    if (secret.isEmpty())
        fault(fileKey.constData(), u"names %1, which is empty"_s.arg(file));
    return secret;
}

void ConfigReader::fault(const char *key, const QString &what)
{
    d->faults.append(d->where(QString::fromLatin1(key)) + u' ' + what);
}

QStringList ConfigReader::finish()
{
    QStringList keys;
    collectKeys(d->table, {}, keys);
    for (const QString &key : std::as_const(keys)) {
        if (!d->asked.contains(key))
            d->faults.append(d->where(key) + u" is no key of this file, or not with the other settings"_s);
    }
    return d->faults;
}

QStringList ConfigReader::asked() const
{
    QStringList keys(d->asked.cbegin(), d->asked.cend());
    keys.sort();
    return keys;
}

} // namespace photolift::server
