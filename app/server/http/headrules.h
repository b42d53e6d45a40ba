#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <optional>

namespace photolift::server {

/// Judges the head of a request as the bytes that came, before the library parses it: all that two readers could understand
/// differently is refused (request smuggling), among it what the library lets through by itself. Pure.
/// `block` reaches from the request line to the empty line, both included.
/// Gives the reason for 400, or nullopt. Refused are: folded lines, bare CR or LF, control characters, white space around names,
/// a repeated field, Content-Length that is no plain number or stands beside Transfer-Encoding, any Transfer-Encoding but exactly
/// `chunked`, Host not exactly once.
std::optional<QByteArray> faultInHead(QByteArrayView block);

/// Decodes %XX once. nullopt: the target is not a plain absolute path, or hides a control character, a slash or a dot segment.
std::optional<QByteArray> decodedPath(QByteArrayView rawPath);

} // namespace photolift::server
