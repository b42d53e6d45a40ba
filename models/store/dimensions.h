#pragma once

#include "models/store/statements.h"

#include "models/vocabulary/records.h"

namespace photolift::store {

/// Finds or adds rows of the dimensions by their natural keys. What is unknown as a whole is key 0.
/// Nothing is cached: a rolled back transaction must not leave keys of rows that do not exist.
class Dimensions
{
public:
    explicit Dimensions(Statements &statements)
        : m_statements(statements)
    {
    }

    struct Keys {
        qint64 user = 0, device = 0, app = 0, network = 0;
        struct Description {
            QString update;
            QVariantList values;
        };
        QList<Description> outdated; ///< for describe()
    };
    /// `describedBy` orders descriptions of one device, version or network: the newest stays, whatever the order of arrival.
    Result<Keys> keys(const Surroundings &surroundings, const QString &describedBy);
    /// The other half, after the fact was written: every client with the same version of the program shares a row here, and nobody is to
    /// hold it while waiting for a fact.
    Result<> describe(const Keys &keys);

    Result<qint64> user(const QString &userId);
    /// The keys of projects and batches that are only named yet are those of rows without a name, completed later.
    Result<qint64> project(const QUuid &projectId);
    Result<qint64> batch(const QUuid &batchId);
    Result<qint64> photoType(const QString &typeName, const QString &fileExtension);
    /// `location` is PROVIDER, or PROVIDER|REGION|TIER|ACCESS PATTERN, the later ones may be left out.
    Result<qint64> storageLocation(const QString &location);

private:
    Result<qint64> findOrAdd(const QString &find, const QVariantList &naturalKey, const QString &add, const QVariantList &row);
    Result<qint64> described(const QString &find, const QVariantList &naturalKey, const QString &add, const QString &update,
                             const QVariantList &description, const QString &describedBy, Keys &keys);
    Result<qint64> device(const DeviceFacts &facts, const QString &describedBy, Keys &keys);
    Result<qint64> app(const AppVersionFacts &facts, const QString &describedBy, Keys &keys);
    Result<qint64> network(const NetworkFacts &facts, const QString &describedBy, Keys &keys);

    Statements &m_statements;
};

/// dim_users.account_type as far as the id alone tells it; empty when it does not.
QString accountTypeOf(const QString &userId);
/// Signal strength as the networks are told apart by: down to 5, because the nearest would lift 73 into "excellent".
std::optional<int> signalKey(const NetworkFacts &facts);
/// The description a row of the networks gets: none of facts without a median. Type, name, subtype and signal are its key, and a program
/// that has just started and measured nothing must not take away what is known.
QString networkDescription(const NetworkFacts &facts, const QString &describedBy);
/// Orders descriptions of one dimension row: the id begins with its time.
QString descriptionOrder(const QUuid &uuid7, int rowVersion);

/// The textual form of a JSON column; NULL when there is nothing in it.
QVariant jsonColumn(const QJsonObject &object);

} // namespace photolift::store
