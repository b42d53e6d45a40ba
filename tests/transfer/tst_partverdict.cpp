#include "models/transfer/partverdict.h"

#include <QTest>

#include <cerrno>
#include <curl/curl.h>

using namespace Qt::StringLiterals;
using namespace photolift;
using transfer::AnswerHead;
using transfer::PartEnd;

namespace {

PartEnd curlEnd(CURLcode code, int osErrno = 0, bool wasResolved = true, bool wasConnected = true, const QByteArray &text = {})
{
    PartEnd end;
    end.curlCode = code;
    end.osErrno = osErrno;
    end.wasResolved = wasResolved;
    end.wasConnected = wasConnected;
    end.curlText = text;
    return end;
}

PartEnd storeSays(int status, const QByteArray &s3Code = {}, bool isLinkExpired = false)
{
    PartEnd end;
    end.head.status = status;
    end.head.headers.insert("x-amz-request-id", "r-1");
    end.isLinkExpired = isLinkExpired;
    end.expectedEtag = "abc";
    if (!s3Code.isEmpty())
        end.body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + s3Code + "</Code><Message></Message></Error>";
    return end;
}

PartEnd strangerSays(int status, const QByteArray &type = "text/html")
{
    PartEnd end;
    end.head.status = status;
    end.head.headers.insert("content-type", type);
    return end;
}

PartEnd sourceFails(int value)
{
    PartEnd end = curlEnd(CURLE_ABORTED_BY_CALLBACK);
    end.sourceErrno = value;
    return end;
}

} // namespace

/// Each cause that ERRORS.csv names for the transfer, and each CURLcode a PUT can end with.
class tst_PartVerdict final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void codeOf_data();
    void codeOf();
    void successNeedsTheExpectedChecksum();
    void retryAfter_data();
    void retryAfter();
    void entitiesOfAnErrorBodyAreNotOpened();
};

void tst_PartVerdict::codeOf_data()
{
    QTest::addColumn<PartEnd>("end");
    QTest::addColumn<ErrorCode>("expected");
    const auto row = [](const char *name, const PartEnd &end, ErrorCode code) { QTest::newRow(name) << end << code; };

    row("name not found", curlEnd(CURLE_COULDNT_RESOLVE_HOST, 0, false, false), ErrorCode::NetworkHostNotFound);
    row("proxy's name not found", curlEnd(CURLE_COULDNT_RESOLVE_PROXY, 0, false, false), ErrorCode::NetworkHostNotFound);
    row("name server silent", curlEnd(CURLE_OPERATION_TIMEDOUT, 0, false, false), ErrorCode::NetworkHostNotFound);
    row("refused", curlEnd(CURLE_COULDNT_CONNECT, ECONNREFUSED, true, false), ErrorCode::NetworkConnectFailed);
    row("timed out connecting", curlEnd(CURLE_COULDNT_CONNECT, ETIMEDOUT, true, false), ErrorCode::NetworkConnectFailed);
    row("no connection within 15 s", curlEnd(CURLE_OPERATION_TIMEDOUT, 0, true, false), ErrorCode::NetworkConnectFailed);
    row("proxy protocol", curlEnd(CURLE_PROXY, 0, true, false), ErrorCode::NetworkConnectFailed);
    row("network unreachable", curlEnd(CURLE_COULDNT_CONNECT, ENETUNREACH, true, false), ErrorCode::NetworkOffline);
    row("host unreachable", curlEnd(CURLE_COULDNT_CONNECT, EHOSTUNREACH, true, false), ErrorCode::NetworkOffline);
    row("no descriptor left", curlEnd(CURLE_COULDNT_CONNECT, EMFILE, true, false), ErrorCode::LocalResourcesLow);
    row("no memory", curlEnd(CURLE_OUT_OF_MEMORY), ErrorCode::LocalResourcesLow);
    row("send: reset", curlEnd(CURLE_SEND_ERROR, ECONNRESET), ErrorCode::TransferConnectionLost);
    row("send: broken pipe", curlEnd(CURLE_SEND_ERROR, EPIPE), ErrorCode::TransferConnectionLost);
    row("receive: reset", curlEnd(CURLE_RECV_ERROR, ECONNRESET), ErrorCode::TransferConnectionLost);
    row("no answer", curlEnd(CURLE_GOT_NOTHING), ErrorCode::TransferConnectionLost);
    row("answer shorter than announced", curlEnd(CURLE_PARTIAL_FILE), ErrorCode::TransferConnectionLost);
    row("libcurl wanted to repeat", curlEnd(CURLE_SEND_FAIL_REWIND), ErrorCode::TransferConnectionLost);
    row("repeat stopped by us", curlEnd(CURLE_ABORTED_BY_CALLBACK), ErrorCode::TransferConnectionLost);
    row("certificate not trusted", curlEnd(CURLE_PEER_FAILED_VERIFICATION, 0, true, false), ErrorCode::NetworkIdentityUntrusted);
    row("below TLS 1.2", curlEnd(CURLE_SSL_CONNECT_ERROR, 0, true, false, "alert protocol version"), ErrorCode::NetworkIdentityUntrusted);
    row("reset in the handshake", curlEnd(CURLE_SSL_CONNECT_ERROR, ECONNRESET, true, false), ErrorCode::TransferConnectionLost);
    row("closed in the handshake", curlEnd(CURLE_SSL_CONNECT_ERROR, 0, true, false, "OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to x"),
        ErrorCode::TransferConnectionLost);
    row("no HTTP", curlEnd(CURLE_UNSUPPORTED_PROTOCOL), ErrorCode::NetworkLoginPage);
    row("strange HTTP", curlEnd(CURLE_WEIRD_SERVER_REPLY), ErrorCode::NetworkLoginPage);
    row("a code nobody thought of", curlEnd(CURLE_FTP_ACCEPT_FAILED), ErrorCode::InternalUnknown);

    row("source: EIO", sourceFails(EIO), ErrorCode::PreprocessingReadFailed);
    row("source: ESTALE", sourceFails(ESTALE), ErrorCode::SelectionCardRemoved);
    row("source: ENODEV", sourceFails(ENODEV), ErrorCode::SelectionCardRemoved);
    row("source: ENXIO", sourceFails(ENXIO), ErrorCode::SelectionCardRemoved);
    row("source: ENOMEM", sourceFails(ENOMEM), ErrorCode::LocalResourcesLow);

    row("expired by our clock", storeSays(403, "AccessDenied", true), ErrorCode::TransferLinkExpired);
    row("expired, no body", storeSays(403, {}, true), ErrorCode::TransferLinkExpired);
    row("ExpiredToken", storeSays(403, "ExpiredToken"), ErrorCode::TransferLinkExpired);
    row("refused before our expiry", storeSays(403, "AccessDenied"), ErrorCode::TransferLinkRefused);
    row("wrong signature, expired or not", storeSays(403, "SignatureDoesNotMatch", true), ErrorCode::TransferLinkRefused);
    row("clock skew", storeSays(403, "RequestTimeTooSkewed"), ErrorCode::TransferLinkRefused);
    row("quota", storeSays(403, "QuotaExceeded"), ErrorCode::InitiationQuotaFull);
    row("BadDigest", storeSays(400, "BadDigest"), ErrorCode::TransferDamagedOnTheWay);
    row("500 without a word", storeSays(500), ErrorCode::TransferDamagedOnTheWay);
    row("InternalError", storeSays(500, "InternalError"), ErrorCode::TransferStorageBusy);
    row("SlowDown", storeSays(503, "SlowDown"), ErrorCode::TransferStorageBusy);
    row("RequestTimeout with 400", storeSays(400, "RequestTimeout"), ErrorCode::TransferStorageBusy);
    row("RequestTimeout with 408", storeSays(408), ErrorCode::TransferStorageBusy);
    row("NoSuchUpload", storeSays(404, "NoSuchUpload"), ErrorCode::TransferUploadGone);
    row("NoSuchBucket", storeSays(404, "NoSuchBucket"), ErrorCode::StorageNotReady);
    row("PreconditionFailed", storeSays(412, "PreconditionFailed"), ErrorCode::TransferAlreadyThere);
    row("409", storeSays(409), ErrorCode::TransferAlreadyThere);
    row("413", storeSays(413), ErrorCode::SelectionNotAccepted);
    row("415", storeSays(415), ErrorCode::SelectionNotAccepted);
    row("429", storeSays(429), ErrorCode::ApiRateLimited);
    row("400 of another kind", storeSays(400, "InvalidArgument"), ErrorCode::ApiRequestRefused);
    row("502 of the store", storeSays(502), ErrorCode::ApiUnavailable);
    row("507 of the store", storeSays(507), ErrorCode::StorageNoSpace);
    row("307 of the store", storeSays(307), ErrorCode::TransferLinkRefused);

    row("200 HTML", strangerSays(200), ErrorCode::NetworkLoginPage);
    row("302", strangerSays(302), ErrorCode::NetworkLoginPage);
    row("403 JSON of a stranger", strangerSays(403, "application/json"), ErrorCode::NetworkLoginPage);
    row("407", strangerSays(407), ErrorCode::NetworkLoginPage);
    row("413 of a stranger is no judgement on the photo", strangerSays(413), ErrorCode::NetworkLoginPage);
    row("511", strangerSays(511), ErrorCode::NetworkLoginPage);
    row("429 of a balancer", strangerSays(429), ErrorCode::ApiRateLimited);
    row("503 of a balancer", strangerSays(503), ErrorCode::ApiUnavailable);

    PartEnd early = storeSays(403, "AccessDenied");
    early.curlCode = CURLE_SEND_ERROR;
    early.osErrno = EPIPE;
    row("a refusal counts more than the reset behind it", early, ErrorCode::TransferLinkRefused);
    PartEnd torn = storeSays(200);
    torn.head.headers.insert("etag", "\"abc\"");
    torn.curlCode = CURLE_PARTIAL_FILE;
    row("a success has to be whole", torn, ErrorCode::TransferConnectionLost);
    PartEnd proxy = curlEnd(CURLE_RECV_ERROR, 0, true, false);
    proxy.proxyStatus = 407;
    row("the proxy wants a password", proxy, ErrorCode::NetworkLoginPage);
    PartEnd stalled = curlEnd(CURLE_ABORTED_BY_CALLBACK);
    stalled.isStalled = true;
    row("stalled", stalled, ErrorCode::TransferTimeout);
    PartEnd cancelled = curlEnd(CURLE_ABORTED_BY_CALLBACK);
    cancelled.isCancelled = true;
    row("cancelled", cancelled, ErrorCode::UserCancelled);
    PartEnd shortSource = curlEnd(CURLE_ABORTED_BY_CALLBACK);
    shortSource.isSourceShort = true;
    row("source ended early", shortSource, ErrorCode::PreprocessingReadFailed);
}

void tst_PartVerdict::codeOf()
{
    QFETCH(PartEnd, end);
    QFETCH(ErrorCode, expected);

    const Result<> verdict = transfer::judgePart(end);

    QVERIFY(!verdict);
    QCOMPARE(errorName(verdict.error().code), errorName(expected));
}

void tst_PartVerdict::successNeedsTheExpectedChecksum()
{
    PartEnd end = storeSays(200);
    end.expectedEtag = "ab12";
    QVERIFY(!transfer::judgePart(end));

    end.head.takeLine("ETag: \"AB12\"\r\n");
    QVERIFY(transfer::judgePart(end));

    end.expectedEtag.clear(); // a job that expects nothing proves nothing
    QVERIFY(!transfer::judgePart(end));
}

void tst_PartVerdict::retryAfter_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<qint64>("expectedMs"); // -1: none
    QTest::newRow("seconds") << QByteArray("120") << qint64(120000);
    QTest::newRow("zero") << QByteArray("0") << qint64(0);
    QTest::newRow("a date, counted from the answer's own Date") << QByteArray("Fri, 13 Feb 2009 23:31:40 GMT") << qint64(10000);
    QTest::newRow("a date that is over") << QByteArray("Fri, 13 Feb 2009 23:31:20 GMT") << qint64(0);
    QTest::newRow("negative") << QByteArray("-5") << qint64(-1);
    QTest::newRow("prose") << QByteArray("soon") << qint64(-1);
    QTest::newRow("empty") << QByteArray() << qint64(-1);
    QTest::newRow("absurd, kept in range") << QByteArray("9000000000000000000") << qint64(365) * 24 * 3600 * 1000;
}

void tst_PartVerdict::retryAfter()
{
    QFETCH(QByteArray, text);
    QFETCH(qint64, expectedMs);
    AnswerHead head;
    head.headers.insert("date", "Fri, 13 Feb 2009 23:31:30 GMT");
    head.headers.insert("retry-after", text);

    QCOMPARE(head.retryAfterMs(0).value_or(-1), expectedMs);
}

void tst_PartVerdict::entitiesOfAnErrorBodyAreNotOpened()
{
    PartEnd end = storeSays(403);
    end.body = "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><Error><Code>&e;</Code></Error>";

    const Result<> verdict = transfer::judgePart(end);

    QCOMPARE(verdict.error().cause.s3Code, QString());
    QCOMPARE(verdict.error().code, ErrorCode::TransferLinkRefused);
}


QTEST_APPLESS_MAIN(tst_PartVerdict)
#include "tst_partverdict.moc"
