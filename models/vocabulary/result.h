#pragma once

#include "models/vocabulary/errorcause.h"
#include "models/vocabulary/errorcode.h"

#include <QString>

#include <utility>
#include <variant>

namespace photolift {

/// Why something did not work. `code` decides what happens next; `detail` is for the log and for support, never for a label; `cause` goes
/// with the error into the records.
struct Error {
    ErrorCode code = ErrorCode::InternalUnknown;
    QString detail;
    ErrorCause cause = {};
};

/// A value, or the reason there is none. Test it before you read it.
template <typename T = std::monostate> class [[nodiscard]] Result
{
public:
    Result(T value = {})
        : m_state(std::in_place_index<0>, std::move(value))
    {
    }
    Result(Error error)
        : m_state(std::in_place_index<1>, std::move(error))
    {
    }

    explicit operator bool() const { return m_state.index() == 0; }
    const T &operator*() const & { return std::get<0>(m_state); }
    T &operator*() & { return std::get<0>(m_state); }
    T &&operator*() && { return std::get<0>(std::move(m_state)); }
    const T *operator->() const { return &std::get<0>(m_state); }
    T *operator->() { return &std::get<0>(m_state); }
    const Error &error() const { return std::get<1>(m_state); }

private:
    std::variant<T, Error> m_state;
};

/// Whether it went well, for who does not need the value.
template <typename T> Result<> withoutValue(const Result<T> &result)
{
    return result ? Result<>() : Result<>(result.error());
}

} // namespace photolift
