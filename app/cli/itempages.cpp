#include "app/cli/itempages.h"

#include "models/store/archive.h"

namespace photolift::cli {

namespace {
constexpr qsizetype PageRows = 500;

/// Hands the ids that match to `use`, page by page.
Result<> forEachPage(store::Archive &archive, const store::ItemFilter &filter,
                     const std::function<Result<>(const QList<store::ItemView> &)> &use)
{
    const Result<QList<qint64>> order = archive.itemOrder(filter).result();
    if (!order)
        return order.error();
    for (qsizetype at = 0; at < order->size(); at += PageRows) {
        const auto page = archive.itemsByRowId(order->mid(at, PageRows)).result();
        if (!page)
            return page.error();
        if (const Result<> used = use(*page); !used)
            return used;
    }
    return {};
}

/// A question for each page and not for each photo: whoever interrupts a run of 100,000 waits for all of them to be told.
Result<> tellPage(store::Archive &archive, const QList<store::ItemView> &page, const std::function<void(const store::ItemDetail &)> &use)
{
    QList<QUuid> ids;
    for (const store::ItemView &view : page)
        ids.append(view.item.itemId);
    const auto attempts = archive.newestAttempts(ids).result();
    if (!attempts)
        return attempts.error();
    QHash<QUuid, qsizetype> ofItem;
    for (qsizetype at = 0; at < attempts->size(); ++at)
        ofItem.insert(attempts->at(at).attempt.itemId, at);
    for (const store::ItemView &view : page) {
        store::ItemDetail detail;
        detail.view = view;
        if (const auto newest = ofItem.constFind(view.item.itemId); newest != ofItem.cend())
            detail.attempts.append(attempts->at(*newest));
        use(detail);
    }
    return {};
}
}

Result<QList<store::ItemView>> itemsMatching(store::Archive &archive, const store::ItemFilter &filter)
{
    QList<store::ItemView> all;
    const Result<> done = forEachPage(archive, filter, [&](const QList<store::ItemView> &page) {
        all += page;
        return Result<>();
    });
    return done ? Result<QList<store::ItemView>>(all) : Result<QList<store::ItemView>>(done.error());
}

Result<> forEachItem(store::Archive &archive, const store::ItemFilter &filter,
                     const std::function<void(const store::ItemDetail &)> &use)
{
    return forEachPage(archive, filter, [&](const QList<store::ItemView> &page) { return tellPage(archive, page, use); });
}

Result<> forEachItem(store::Archive &archive, const QList<QUuid> &itemIds, const std::function<void(const store::ItemDetail &)> &use)
{
    for (qsizetype at = 0; at < itemIds.size(); at += PageRows) {
        const auto page = archive.itemsById(itemIds.mid(at, PageRows)).result();
        if (!page)
            return page.error();
        if (const Result<> told = tellPage(archive, *page, use); !told)
            return told;
    }
    return {};
}

Result<std::optional<QList<QUuid>>> itemsNamed(store::Archive &archive, const QStringList &ids)
{
    QSet<QUuid> wanted;
    for (const QString &id : ids)
        wanted.insert(QUuid::fromString(id));
    const auto items = archive.itemsById(wanted.values()).result();
    if (!items)
        return items.error();
    QSet<QUuid> found;
    for (const store::ItemView &view : *items) {
        found.insert(view.item.itemId);
        wanted.remove(view.item.itemId);
    }
    const auto ofAttempts = archive.itemsOfAttempts(wanted.values()).result();
    if (!ofAttempts)
        return ofAttempts.error();
    if (ofAttempts->size() != wanted.size())
        return std::optional<QList<QUuid>>();
    found += QSet<QUuid>(ofAttempts->begin(), ofAttempts->end());
    return std::optional(found.values());
}

} // namespace photolift::cli
