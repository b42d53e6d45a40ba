#pragma once

#include <QLatin1StringView>
#include <QStringView>

#include <array>
#include <optional>

namespace photolift {

/// One line of a table that gives an enum its name in databases and on the wire.
template <typename E> struct NamedValue {
    E value;
    QLatin1StringView name;
};

template <typename E, std::size_t N> QLatin1StringView nameOf(const std::array<NamedValue<E>, N> &table, E value)
{
    for (const auto &line : table) {
        if (line.value == value)
            return line.name;
    }
    return {};
}

template <typename E, std::size_t N> std::optional<E> valueNamed(const std::array<NamedValue<E>, N> &table, QStringView name)
{
    for (const auto &line : table) {
        if (name == line.name)
            return line.value;
    }
    return std::nullopt;
}

} // namespace photolift
