#pragma once

#include "models/vocabulary/person.h"
#include "models/vocabulary/result.h"
#include "ui/parts/plainlabel.h"
#include "ui/parts/statusmark.h"

#include <QDialog>
#include <QLineEdit>
#include <QPushButton>
#include <QTimer>
#include <QUrl>

#include <optional>

namespace photolift::ui {

class StatusLabel;

/// Asks for the address of an organisation's server and for a device token. What was typed is tried by itself a moment later; the
/// main button works after the server has let the person in. Decides nothing: others ask the server and keep the token.
class ConnectDialog final : public QDialog
{
    Q_OBJECT
public:
    explicit ConnectDialog(const QString &address, QWidget *parent = nullptr);

    /// The token kept for the address, unless the person has typed one already.
    void setToken(const QByteArray &token);
    /// The answer to checkWanted(); nothing happens when other things were typed meanwhile.
    void showAnswer(const QUrl &server, const QByteArray &token, const Result<Person> &answer);
    /// The token could not be kept: the main button then connects without keeping it.
    void showNotKept(const Error &error);
    /// What was chosen could not be written.
    void showRefused(const Error &error);

    QLineEdit *address() const { return m_address; }
    QLineEdit *token() const { return m_token; }
    QPushButton *connectButton() const { return m_connect; }
    QString statusText() const;

Q_SIGNALS:
    void checkWanted(const QUrl &server, const QByteArray &token);
    void connectWanted(const QUrl &server, const QByteArray &token, bool isToBeKept);

private:
    void typed();
    void check();
    /// From the click to its answer nothing else can be typed: what is connected is what the server let in.
    void setBusy(bool isBusy);
    void say(StatusMark mark, const QString &title, const QString &advice, const QString &detail = {});
    std::optional<QUrl> typedAddress() const;
    QByteArray typedToken() const;

    QLineEdit *m_address;
    QLineEdit *m_token;
    StatusLabel *m_status;
    PlainLabel *m_advice;
    PlainLabel *m_detail;
    QPushButton *m_connect;
    QTimer m_pause;
    bool m_isToBeKept = true;
};

} // namespace photolift::ui
