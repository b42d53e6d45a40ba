#pragma once

#include "app/cli/commandline.h"
#include "models/transfer/apiclient.h"

#include <QNetworkAccessManager>
#include <QObject>
#include <QTextStream>

#include <memory>

namespace photolift::cli {

class PhotoFile;

/// `download`, `remove` and `restore`: what a person does with photos of an organisation's server that are there. One after the other, in the
/// order given; one object or line for each. Needs no data folder and no lock. Ends the program's event loop with the exit code.
class OwnPhotos final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(OwnPhotos)
public:
    explicit OwnPhotos(OwnPhotosOptions options, QObject *parent = nullptr);
    ~OwnPhotos() override;

    void begin();
    /// SIGINT: the photo at hand is left, nothing half written stays.
    void interrupt();

private:
    void next();
    void stand();
    void fetchLink();
    void fetchRange();
    void keep();
    bool comesLater(const transfer::ApiFault &fault, void (OwnPhotos::*again)());
    void fail(const Error &error, const QString &sentence = {});
    void end(int exitCode);

    const OwnPhotosOptions m_options;
    transfer::ApiClient m_api;
    QNetworkAccessManager m_store; ///< to where the links lead, without our token
    QTextStream m_out;
    QTextStream m_err;
    qsizetype m_at = -1; ///< among the ids
    wire::PhotoLink m_link;
    std::unique_ptr<PhotoFile> m_file; ///< of the photo at hand
    int m_tries = 0;                   ///< without a byte
    qint64 m_waitedMs = 0;             ///< because the server asked for it
    bool m_isAllGood = true;
    bool m_isServerThere = false;
    bool m_isEnding = false;
};

} // namespace photolift::cli
