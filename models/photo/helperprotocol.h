#pragma once

#include "models/photo/helper.h"

#include <QByteArray>
#include <QJsonObject>

#include <functional>
#include <optional>

/// The frames between Helper and photolift-photo.
/// An order is one packet on the child's standard input (SOCK_SEQPACKET): a JSON object, the photo's descriptor as SCM_RIGHTS beside it.
/// With `--one-shot` the write end of a pipe for the answers of just this order is sent behind it; a child that is forked for it answers
/// there, and on the standard output comes how each child ended: the int of waitpid().
/// An answer is one or more frames on its standard output, or that pipe: a fixed header, a JSON object, up to two pictures as plain bytes.
namespace photolift::photo {

inline constexpr qsizetype OrderBytes = 1024;           ///< largest order
inline constexpr quint32 AnswerJsonBytes = 64 * 1024;   ///< largest JSON of an answer (C-21)
inline constexpr quint32 PictureBytes = 16 * 1024 * 1024; ///< largest picture
inline constexpr qsizetype AnswerHeaderBytes = 16;      ///< magic, length of JSON, picture and rendition, each 32 bits big-endian

struct OrderFrame {
    Order order = Order::Facts;
    QString mediaType;
    int side = 0; ///< 0: the usual one
};
QByteArray toBytes(const OrderFrame &frame);
std::optional<OrderFrame> orderFromBytes(const QByteArray &bytes);

struct AnswerFrame {
    bool isLast = true;         ///< Everything sends one frame for each step
    std::optional<Stage> stage; ///< the step of Everything
    qint64 durationMs = 0;
    std::optional<Error> error;
    PhotoFacts facts;
    QString pictureType;
    QByteArray picture;
    QByteArray rendition;
    int pictureSide = 0; ///< longest, in pixels; 0: not said
    int renditionSide = 0;
    int renditionQuality = 0; ///< 1..100
};
QByteArray toBytes(const AnswerFrame &frame);

/// The lengths of a frame, judged before anything of that size is stored; nullopt: not one of our frames.
struct AnswerLengths {
    quint32 json = 0, picture = 0, rendition = 0;
};
std::optional<AnswerLengths> answerLengths(QByteArrayView header);
/// The rest of a frame, without its header. Written by a process that a hostile photo may have taken over: nothing in it is
/// believed. nullopt: not a frame of ours, the process is not to be trusted with another photo.
std::optional<AnswerFrame> answerFromBytes(const AnswerLengths &lengths, const QByteArray &body);

} // namespace photolift::photo
