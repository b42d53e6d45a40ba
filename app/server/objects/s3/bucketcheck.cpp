#include "app/server/objects/s3/bucketcheck.h"

#include <QHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLoggingCategory>
#include <QXmlStreamReader>

#include <algorithm>

namespace photolift::server {

using namespace Qt::StringLiterals;

namespace {
Q_LOGGING_CATEGORY(lcBucket, "photolift.server.objects")

constexpr const char *OurPrefixes[] = {"incoming/", "objects/", "derived/"};
constexpr qsizetype LongestName = 80;

/// One word of a policy, or any of a list of them.
bool hasWord(const QJsonValue &value, const QStringList &words)
{
    const QJsonArray list = value.isArray() ? value.toArray() : QJsonArray{value};
    return std::any_of(list.begin(), list.end(), [&words](const QJsonValue &word) { return words.contains(word.toVariant().toString()); });
}

/// What everybody has to be denied, under one condition: more of them would let some through.
struct Denial {
    QStringList actions; ///< any of them
    QStringList resources;
    QString condition;
    QString field;
    QString value;
};

bool denies(const QByteArray &policy, const Denial &wanted)
{
    const QJsonValue given = QJsonDocument::fromJson(policy).object().value("Statement"_L1);
    const QJsonArray statements = given.isArray() ? given.toArray() : QJsonArray{given};
    return std::any_of(statements.begin(), statements.end(), [&wanted](const QJsonValue &one) {
        const QJsonObject statement = one.toObject();
        const QJsonValue who = statement.value("Principal"_L1);
        const bool isEverybody = who == QJsonValue(u"*"_s) || hasWord(who.toObject().value("AWS"_L1), {u"*"_s});
        if (statement.value("Effect"_L1) != QJsonValue(u"Deny"_s) || !isEverybody || !hasWord(statement.value("Action"_L1), wanted.actions)
            || !hasWord(statement.value("Resource"_L1), wanted.resources))
            return false;
        const QJsonObject conditions = statement.value("Condition"_L1).toObject();
        const QJsonObject fields = conditions.value(wanted.condition).toObject();
        return conditions.size() == 1 && fields.size() == 1 && fields.begin().key().compare(wanted.field, Qt::CaseInsensitive) == 0
            && hasWord(fields.begin().value(), {wanted.value});
    });
}

using Leaves = QHash<QByteArray, QByteArray>; ///< path below the group -> text

/// The texts of an XML document, one set for each element of this name; none of one that cannot be read to its end.
QList<Leaves> groupsIn(const QByteArray &document, QLatin1StringView name)
{
    QList<Leaves> groups;
    QByteArrayList path;
    bool isInside = false;
    QByteArray text;
    QXmlStreamReader xml(document);
    while (!xml.atEnd()) {
        switch (xml.readNext()) {
        case QXmlStreamReader::StartElement:
            text.clear();
            if (isInside) {
                path.append(xml.name().toLatin1());
            } else if (xml.name() == name) {
                isInside = true;
                groups.append(Leaves());
            }
            break;
        case QXmlStreamReader::Characters: text += xml.text().toUtf8(); break;
        case QXmlStreamReader::EndElement:
            if (!path.isEmpty() && !text.trimmed().isEmpty())
                groups.last().insert(path.join('/'), text.trimmed());
            text.clear();
            if (path.isEmpty())
                isInside = false;
            else
                path.removeLast();
            break;
        default: break;
        }
    }
    return xml.hasError() ? QList<Leaves>() : groups;
}

/// Whose objects a rule is for; empty: everybody's.
QByteArray prefixOf(const Leaves &rule)
{
    for (const char *place : {"Filter/Prefix", "Filter/And/Prefix", "Prefix"}) {
        if (rule.contains(place))
            return rule.value(place);
    }
    return {};
}

/// Whether a rule that is switched on ends what is unfinished below incoming/ after a day.
bool endsUnfinished(const Leaves &rule)
{
    const bool isIncoming = rule.value("Filter/Prefix") == "incoming/" || rule.value("Prefix") == "incoming/";
    return isIncoming && rule.value("Status") == "Enabled" && rule.value("AbortIncompleteMultipartUpload/DaysAfterInitiation") == "1";
}

/// A tag or a size that it asks for as well is no comfort: what clients send bears what they like. Versions that are not the current one are no photo of
/// ours any more, and a marker behind which nothing lies is none: both may go.
bool removesOurs(const Leaves &rule)
{
    if (rule.value("Status").compare("Disabled", Qt::CaseInsensitive) == 0 || !(rule.contains("Expiration/Days") || rule.contains("Expiration/Date")))
        return false;
    const QByteArray prefix = prefixOf(rule);
    return std::ranges::any_of(OurPrefixes, [&prefix](const char *ours) { return prefix.startsWith(ours) || QByteArrayView(ours).startsWith(prefix); });
}

/// For one line of a log; whoever set the bucket up chose it.
QString nameOf(const Leaves &rule)
{
    QString name = QString::fromUtf8(rule.value("ID")).simplified().left(LongestName);
    std::replace_if(
        name.begin(), name.end(), [](QChar letter) { return !letter.isPrint(); }, u'?');
    return name.isEmpty() ? u"without a name"_s : QString(u'"' % name % u'"');
}

/// What the bucket says under this name, as in BucketSettings.
Result<std::optional<QByteArray>> told(S3Client &client, const QByteArray &what)
{
    S3Request request;
    request.query = {{what, ""}};
    const Result<S3Answer> answer = client.send(request);
    if (!answer)
        return answer.error();
    if (answer->isGood())
        return std::optional(answer->body);
    if (answer->status == 404 && answer->errorCode != "NoSuchBucket")
        return std::optional(QByteArray(""));
    const bool isSilent = answer->status == 403 || answer->status == 405 || answer->status == 501;
    if (!isSilent)
        return s3Error(*answer, "GET " + what);
    qCWarning(lcBucket).noquote() << "the store does not tell the" << what << "of the bucket:" << answer->status << answer->errorCode;
    return std::optional<QByteArray>();
}

} // namespace

QStringList missingFrom(const BucketSettings &settings, const S3Account &account)
{
    QStringList missing;
    const QString bucket = u"arn:aws:s3:::"_s + QString::fromLatin1(account.bucket);
    const Denial copies{{u"s3:PutObject"_s, u"s3:*"_s, u"*"_s},
                        {QString(bucket + u"/incoming/*"_s), QString(bucket + u"/*"_s), u"*"_s},
                        u"StringLike"_s,
                        u"s3:x-amz-copy-source"_s,
                        u"*"_s};
    const Denial plainHttp{{u"s3:*"_s, u"*"_s}, {QString(bucket + u"/*"_s), u"*"_s}, u"Bool"_s, u"aws:SecureTransport"_s, u"false"_s};
    if (settings.policy && !denies(*settings.policy, copies))
        missing.append(u"a policy that denies copies into incoming/ (s3:x-amz-copy-source)"_s);
    if (settings.policy && !account.isOnThisComputer() && !denies(*settings.policy, plainHttp))
        missing.append(u"a policy that denies connections without TLS (aws:SecureTransport)"_s);
    if (settings.publicAccess) {
        const Leaves block = (groupsIn(*settings.publicAccess, "PublicAccessBlockConfiguration"_L1)
                              + groupsIn(*settings.publicAccess, "BlockPublicAccessBlockConfiguration"_L1)) // as RADOS Gateway 16.2 calls it
                                 .value(0);
        for (const char *name : {"IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"}) {
            if (block.value(name).toLower() != "true")
                missing.append(u"a block of public access (%1)"_s.arg(QLatin1StringView(name)));
        }
    }
    if (settings.lifecycle) {
        const QList<Leaves> rules = groupsIn(*settings.lifecycle, "Rule"_L1);
        if (!std::ranges::any_of(rules, endsUnfinished))
            missing.append(u"a rule that ends unfinished uploads below incoming/ after a day (lifecycle, AbortIncompleteMultipartUpload)"_s);
    }
    return missing;
}

QStringList harmfulIn(const BucketSettings &settings)
{
    QStringList harmful;
    const QList<Leaves> rules = groupsIn(settings.lifecycle.value_or(QByteArray()), "Rule"_L1);
    for (const Leaves &rule : rules) {
        if (removesOurs(rule))
            harmful.append(u"the rule %1 removes whole objects of ours (lifecycle, Expiration)"_s.arg(nameOf(rule)));
    }
    return harmful;
}

Result<> checkBucket(S3Client &client)
{
    BucketSettings settings;
    const std::pair<QByteArray, std::optional<QByteArray> &> readings[] = {
        {"policy", settings.policy}, {"publicAccessBlock", settings.publicAccess}, {"lifecycle", settings.lifecycle}};
    for (const auto &[what, into] : readings) {
        Result<std::optional<QByteArray>> said = told(client, what);
        if (!said)
            return said.error();
        into = *std::move(said);
    }
    const QStringList missing = missingFrom(settings, client.account());
    const QStringList harmful = harmfulIn(settings);
    if (missing.isEmpty() && harmful.isEmpty())
        return {};
    return Error{ErrorCode::StorageNotReady,
                 QString(u"the bucket is not set up, \"photolift-server store prepare\" does it"_s % (missing.isEmpty() ? QString() : u"; missing: "_s) % missing.join(u"; "_s)
                         % (harmful.isEmpty() ? QString() : u"; harmful: "_s) % harmful.join(u"; "_s))};
}

} // namespace photolift::server
