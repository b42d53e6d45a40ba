#pragma once

#include "app/server/objects/folderstore.h"

#include "models/photo/filedescriptor.h"
#include "models/photo/hasher.h"
#include "models/vocabulary/ids.h"

#include <QTemporaryDir>
#include <QTest>

namespace photolift::server::test {

using namespace Qt::StringLiterals;

inline constexpr qint64 PartSize = 1000;
inline constexpr char Host[] = "127.0.0.1:1";
inline constexpr char Origin[] = "http://127.0.0.1:1";

inline QString sha256(QByteArrayView bytes)
{
    photo::Sha256 hash;
    hash.add(bytes);
    return QString::fromLatin1(hash.result().toHex());
}

inline QByteArray photoOf(qsizetype size, char seed = 1)
{
    QByteArray bytes(size, Qt::Uninitialized);
    for (qsizetype i = 0; i < size; ++i)
        bytes[i] = static_cast<char>(i * 7 + seed + (i >> 8));
    return bytes;
}

/// A store on a folder of its own; parts come through its route, without sockets.
struct FolderStoreRig {
    QTemporaryDir folder;
    int unsound = 0;
    std::unique_ptr<FolderStore> store;

    FolderStoreRig() { open(); }
    void open()
    {
        FolderStore::Options options;
        options.folder = QFile::encodeName(folder.path());
        options.onUnsound = [this] { ++unsound; };
        store = std::make_unique<FolderStore>(options);
        const auto proven = store->probe();
        if (!proven)
            qFatal("probe: %s", qPrintable(proven.error().detail));
    }
    static QByteArray part(const QByteArray &photo, int number) { return photo.mid((number - 1) * PartSize, PartSize); }

    std::variant<std::unique_ptr<BodySink>, HttpResponse> admit(const QUuid &id, int number, const QByteArray &bytes)
    {
        const auto links = store->links(id, {{number, bytes.size(), sha256(bytes)}}, Origin);
        if (!links) {
            HttpResponse none;
            none.status = -1;
            return none;
        }
        HttpRequest request;
        request.method = "PUT";
        request.path = links->first().url.path(QUrl::FullyEncoded).toLatin1();
        request.query = links->first().url.query(QUrl::FullyEncoded).toLatin1();
        request.target = request.path + '?' + request.query;
        request.captures = {{"upload", request.path.split('/').value(3)}, {"part", request.path.split('/').value(4)}};
        request.headers = {{"host", Host}, {"content-length", QByteArray::number(bytes.size())}};
        for (const auto &[name, value] : links->first().headers)
            request.headers.insert(name, value);
        return store->routes().first().sinkMaker(request, bytes.size());
    }
    int put(const QUuid &id, int number, const QByteArray &bytes)
    {
        auto made = admit(id, number, bytes);
        if (const auto *refusal = std::get_if<HttpResponse>(&made))
            return refusal->status;
        const auto &sink = std::get<0>(made);
        for (qsizetype at = 0; at < bytes.size(); at += 300) {
            if (!sink->write(QByteArrayView(bytes).sliced(at, std::min<qsizetype>(300, bytes.size() - at))))
                return -2;
        }
        return sink->finish().status;
    }
    /// An upload with all its parts.
    QUuid upload(const QByteArray &photo)
    {
        const QUuid id = newUuid7();
        if (!store->begin(id, photo.size(), PartSize))
            return {};
        for (int number = 1; (number - 1) * PartSize < photo.size(); ++number) {
            if (put(id, number, part(photo, number)) != 200)
                return {};
        }
        return id;
    }
    QString objectFile(const QByteArray &photo) const
    {
        const QString hash = sha256(photo);
        return folder.filePath(u"objects/"_s % hash.first(2) % u'/' % hash.sliced(2, 2) % u'/' % hash % u'-' % QString::number(photo.size()));
    }
};

inline QByteArray contentOf(int descriptor)
{
    const photo::FileDescriptor file(descriptor);
    QFile reader;
    if (!reader.open(file.get(), QIODevice::ReadOnly))
        return {};
    return reader.readAll();
}

inline QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace photolift::server::test
