#include "ui/shell/connectdialog.h"

#include "models/vocabulary/serveraddress.h"
#include "ui/parts/errortexts.h"
#include "ui/parts/roletext.h"
#include "ui/parts/statuslabel.h"

#include <QDialogButtonBox>
#include <QVBoxLayout>

namespace photolift::ui {

using namespace Qt::StringLiterals;

namespace {

constexpr int TypingPauseMs = 600;
constexpr int Margin = 24;
constexpr int LeastWidth = 520;
constexpr int AnswerHeight = 84; // the longest usual answer: the dialog does not jump

PlainLabel *wrapping(const QString &text, TextSize size, Ink ink)
{
    auto *label = new PlainLabel(text, size, ink);
    label->setWordWrap(true);
    return label;
}

} // namespace

ConnectDialog::ConnectDialog(const QString &address, QWidget *parent)
    : QDialog(parent)
    , m_address(new QLineEdit(address))
    , m_token(new QLineEdit)
    , m_status(new StatusLabel(TextSize::Body))
    , m_advice(wrapping({}, TextSize::Small, Ink::Text2))
    , m_detail(wrapping({}, TextSize::Small, Ink::Text3))
{
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Connect to a server"));
    m_address->setPlaceholderText(u"photos.example.org"_s);
    m_token->setEchoMode(QLineEdit::Password);
    for (QLineEdit *field : {m_address, m_token})
        field->setTextMargins(6, 0, 6, 0);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(Margin, Margin, Margin, Margin);
    column->setSpacing(8);
    column->addWidget(wrapping(tr("The person who runs the server gives you its address and a device token."), TextSize::Body, Ink::Text));
    column->addSpacing(8);
    const auto addField = [column](const QString &name, QLineEdit *field) {
        auto *label = new PlainLabel(name, TextSize::Small, Ink::Text2);
        label->setBuddy(field);
        field->setAccessibleName(name);
        column->addWidget(label);
        column->addWidget(field);
    };
    addField(tr("Server address"), m_address);
    addField(tr("Device token"), m_token);
    column->addSpacing(4);
    auto *answer = new QWidget;
    answer->setMinimumHeight(scaled(AnswerHeight));
    auto *answers = new QVBoxLayout(answer);
    answers->setContentsMargins(0, 0, 0, 0);
    answers->setSpacing(4);
    answers->addWidget(m_status, 0, Qt::AlignLeft);
    answers->addWidget(m_advice);
    answers->addWidget(m_detail);
    answers->addStretch();
    column->addWidget(answer);
    column->addWidget(wrapping(tr("Photolift keeps the token in the system keyring, never in a file."), TextSize::Small, Ink::Text3));
    column->addWidget(wrapping(tr("Each server has a list of its own: what waits for one is never sent to another, and goes on when you come back to it."),
                               TextSize::Small, Ink::Text3));
    column->addSpacing(8);
    auto *buttons = new QDialogButtonBox;
    m_connect = buttons->addButton(tr("Connect"), QDialogButtonBox::AcceptRole);
    m_connect->setProperty("primary", true);
    m_connect->setDefault(true);
    buttons->addButton(QDialogButtonBox::Cancel);
    column->addWidget(buttons);
    setMinimumWidth(scaled(LeastWidth));

    m_pause.setSingleShot(true);
    m_pause.setInterval(TypingPauseMs);
    connect(&m_pause, &QTimer::timeout, this, &ConnectDialog::check);
    connect(m_address, &QLineEdit::textChanged, this, &ConnectDialog::typed);
    connect(m_token, &QLineEdit::textChanged, this, &ConnectDialog::typed);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_connect, &QPushButton::clicked, this, [this] {
        setBusy(true);
        Q_EMIT connectWanted(*typedAddress(), typedToken(), m_isToBeKept);
    });
    typed();
    (address.isEmpty() ? m_address : m_token)->setFocus();
}

std::optional<QUrl> ConnectDialog::typedAddress() const
{
    const QString text = m_address->text().trimmed();
    return serverAddress(text.contains(u"://"_s) ? text : u"https://"_s + text);
}

QByteArray ConnectDialog::typedToken() const
{
    return m_token->text().trimmed().toUtf8();
}

void ConnectDialog::setToken(const QByteArray &token)
{
    if (m_token->text().isEmpty())
        m_token->setText(QString::fromUtf8(token));
}

void ConnectDialog::typed()
{
    m_connect->setEnabled(false);
    m_connect->setText(tr("Connect"));
    m_isToBeKept = true;
    m_pause.start();
    say(StatusMark::Waiting, tr("Not asked yet"), tr("The server is asked as soon as both are there."));
}

void ConnectDialog::check()
{
    if (m_address->text().trimmed().isEmpty() || typedToken().isEmpty())
        return;
    const std::optional<QUrl> server = typedAddress();
    if (!server)
        return say(StatusMark::Failed, tr("This is no address of a server"), tr("It looks like photos.example.org."));
    if (isOpenToOthers(*server))
        return say(StatusMark::Failed, tr("This address is not secure"),
                   tr("Photos and the token would be open to everybody on the way. Use an address with https://."));
    say(StatusMark::Waiting, tr("Asking the server"), {});
    Q_EMIT checkWanted(*server, typedToken());
}

void ConnectDialog::showAnswer(const QUrl &server, const QByteArray &token, const Result<Person> &answer)
{
    if (server != typedAddress() || token != typedToken())
        return;
    if (!answer) {
        const ErrorCode code = answer.error().code;
        if (code == ErrorCode::InitiationTokenExpired) // the list speaks of uploads under way
            return say(StatusMark::Failed, tr("The token is not accepted"),
                       tr("Check that all of it is there. It may have expired or been revoked: your administrator gives you a new one."));
        return say(StatusMark::Failed, errorTitle(code), errorAdvice(code), answer.error().detail);
    }
    const bool canUpload = answer->role == Role::Photographer || answer->role == Role::Admin;
    if (!canUpload)
        return say(StatusMark::Failed, tr("This token is not for uploading photos"),
                   tr("It is that of %1 (%2). Ask your administrator for a token of a photographer.").arg(answer->name, roleText(answer->role)));
    say(StatusMark::Done, tr("Connected"), tr("The server knows you as %1 (%2).").arg(answer->name, roleText(answer->role)));
    m_connect->setEnabled(true);
}

void ConnectDialog::showNotKept(const Error &error)
{
    say(StatusMark::Failed, errorTitle(error.code), errorAdvice(error.code), error.detail);
    m_isToBeKept = false;
    m_connect->setText(tr("Connect for this session only"));
    setBusy(false);
}

void ConnectDialog::showRefused(const Error &error)
{
    say(StatusMark::Failed, errorTitle(error.code), errorAdvice(error.code), error.detail);
    setBusy(false);
}

void ConnectDialog::setBusy(bool isBusy)
{
    for (QWidget *part : {static_cast<QWidget *>(m_address), static_cast<QWidget *>(m_token), static_cast<QWidget *>(m_connect)})
        part->setEnabled(!isBusy);
}

void ConnectDialog::say(StatusMark mark, const QString &title, const QString &advice, const QString &detail)
{
    m_status->setStatus(mark, title);
    m_status->setAccessibleName(title);
    m_advice->setData(advice);
    m_detail->setData(detail);
    m_advice->setVisible(!advice.isEmpty());
    m_detail->setVisible(!detail.isEmpty());
}

QString ConnectDialog::statusText() const
{
    return m_status->text();
}

} // namespace photolift::ui
