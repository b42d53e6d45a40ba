#pragma once

#include <QByteArray>
#include <QHash>
#include <QString>
#include <QTemporaryDir>

namespace photolift::support {

/// How one file of the collection's folder `trouble` ends.
struct Ending {
    QString status; ///< in the words of the command line; "arrived": succeeded or duplicate, which of them is chance
    QString code;   ///< empty: none
    QString stage;  ///< the one that failed; empty: none
};

/// What a person reads about a code, in English, word for word.
struct Sentence {
    QString title;
    QString advice;
};

/// The photos of the main job: the collection of real camera files where it lies beside the checkout (it is only read), else a small
/// one with every kind of ending, made in a folder of its own.
class PhotoCollection
{
public:
    PhotoCollection();

    bool isThere() const { return m_isThere; }
    QString path() const { return m_path; }
    QByteArray troublePath() const; ///< with a slash at its end, in the bytes of the file system

    static const QHash<QByteArray, Ending> &troubleEndings(); ///< by file name
    /// Of the codes above. `isThisComputer`: as the window says it of the built-in server, which has no owner to be asked.
    static Sentence sentenceOf(const QString &code, bool isThisComputer = false);

private:
    bool makeSmall() const;

    QTemporaryDir m_folder;
    QString m_path;
    bool m_isThere = false;
};

} // namespace photolift::support
