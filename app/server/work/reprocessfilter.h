#pragma once

#include "models/vocabulary/stage.h"

#include <QByteArray>
#include <QString>
#include <QStringList>
#include <QVariantList>

#include <map>
#include <optional>

namespace photolift::server {

/// Which stored photos a stage is to run for again. Columns come from a short list, each with a piece of SQL that is a
/// constant of the program; what an administrator has typed is only ever a bound value.
class ReprocessFilter
{
public:
    static QStringList columns();
    static QStringList stages();

    /// Null: the stages that need nothing but the stored object. Else a sentence that says why not.
    static QString whyNot(Stage stage);
    /// What is wrong with COLUMN=VALUE; empty: it was added. All that were added have to hold.
    QString add(const QString &condition);
    bool isEmpty() const { return m_values.empty(); }
    /// The same conditions are the same text, in whatever order they were added.
    QString toJson() const;

    /// Stored photos (server_assets a, of the upload u) behind one asset and up to another, in pieces of a statement:
    /// FROM ... WHERE ... Left out: what is in quarantine, lost or still under way, and where the stage would write it,
    /// what has no record of its own.
    QByteArray sql() const;
    QVariantList values(Stage stage, qint64 behind, qint64 last) const;

private:
    std::map<QString, QString> m_values; ///< by column
};

} // namespace photolift::server
