#include "models/photo/helperprotocol.h"
#include "tests/fuzz/fuzzing.h"

#include <QElapsedTimer>

#include <cstdio>

using namespace Qt::StringLiterals;
using namespace photolift;
using fuzz::hold;
using photo::AnswerFrame;

namespace {

void checkFrame(const AnswerFrame &frame, const photo::AnswerLengths &lengths)
{
    hold(lengths.json <= photo::AnswerJsonBytes && lengths.picture <= photo::PictureBytes && lengths.rendition <= photo::PictureBytes, "bounded");
    hold(frame.picture.size() == qsizetype(lengths.picture) && frame.rendition.size() == qsizetype(lengths.rendition), "pictures as long as said");
    hold(frame.picture.isEmpty() || frame.picture.startsWith("\xff\xd8\xff") || frame.picture.startsWith("\x89PNG"), "a picture is one");
    hold(frame.durationMs >= 0 && frame.durationMs <= 3'600'000, "a time that can be");
    hold(frame.renditionQuality >= 0 && frame.renditionQuality <= 100 && frame.pictureSide >= 0 && frame.pictureSide <= 8192, "numbers in range");
    hold(!frame.error || (frame.error->code != ErrorCode::InitiationTokenExpired && frame.error->detail.size() <= 400), "an end that a photo can have");
    // What was believed once is written and believed again: no form of it is another thing to the next reader.
    const QByteArray again = photo::toBytes(frame);
    const auto newLengths = photo::answerLengths(QByteArrayView(again).first(photo::AnswerHeaderBytes));
    hold(!newLengths || photo::answerFromBytes(*newLengths, again.sliced(photo::AnswerHeaderBytes)).has_value(), "stays what it is");
}

/// One frame as a process may send it. True: it was believed.
bool read(const QByteArray &bytes)
{
    if (bytes.size() < photo::AnswerHeaderBytes)
        return false;
    const auto lengths = photo::answerLengths(QByteArrayView(bytes).first(photo::AnswerHeaderBytes));
    if (!lengths)
        return false;
    const std::optional<AnswerFrame> frame = photo::answerFromBytes(*lengths, bytes.sliced(photo::AnswerHeaderBytes));
    if (frame)
        checkFrame(*frame, *lengths);
    return frame.has_value();
}

QByteArrayList seeds()
{
    AnswerFrame facts;
    facts.facts.width = 6000;
    facts.facts.height = 4000;
    facts.facts.colorProfile = u"sRGB"_s;
    facts.facts.note = u"grüße \U0001F4F7"_s;
    AnswerFrame failed;
    failed.stage = Stage::Validation;
    failed.error = Error{ErrorCode::ValidationTruncated, u"cut"_s};
    AnswerFrame drawn;
    drawn.stage = Stage::Processing;
    drawn.picture = "\xff\xd8\xff picture";
    drawn.pictureType = u"image/jpeg"_s;
    drawn.rendition = "\xff\xd8\xff rendition";
    drawn.pictureSide = 512;
    drawn.renditionSide = 2048;
    drawn.renditionQuality = 85;
    drawn.durationMs = 12;
    return {photo::toBytes(facts), photo::toBytes(failed), photo::toBytes(drawn)};
}

/// Most damage leaves the lengths right, so that the JSON behind them is reached.
QByteArray damaged(QByteArray bytes, fuzz::Dice &dice)
{
    static const QByteArrayList Pieces{"{", "[[[[[[[[", "\"", "null", "-1e400", "-99999", "99999999999999999999", "\\ud800", "\xc3\x28", "\"stage\":\"indexing\",",
                                       "\"error_code\":\"INITIATION_TOKEN_EXPIRED\",", "\"last\":false,", "\"facts\":{\"width\":-1},"};
    const qsizetype before = bytes.size();
    for (qsizetype change = dice.below(4) + 1; change > 0; --change) {
        const qsizetype behind = bytes.size() - photo::AnswerHeaderBytes;
        const qsizetype at = dice.below(20) == 0 ? dice.below(bytes.size()) : photo::AnswerHeaderBytes + dice.below(behind);
        switch (dice.below(6)) {
        case 0: // where a value begins
            if (const qsizetype colon = bytes.indexOf(':', at); colon > 0)
                bytes.insert(colon + 1, dice.oneOf(Pieces));
            break;
        case 1:
            bytes.replace(at, std::min<qsizetype>(bytes.size() - at, 6), dice.oneOf(Pieces));
            break;
        default:
            fuzz::damageAt(bytes, at, Pieces, dice);
        }
        if (bytes.size() <= photo::AnswerHeaderBytes)
            return bytes;
    }
    // The length of the JSON follows, so that it is read and not only refused.
    if (dice.below(10) != 0) {
        const auto lengths = photo::answerLengths(QByteArrayView(bytes).first(photo::AnswerHeaderBytes));
        const qint64 json = lengths ? qint64(lengths->json) + bytes.size() - before : -1;
        if (json >= 0) {
            bytes[6] = static_cast<char>(json >> 8);
            bytes[7] = static_cast<char>(json);
        }
    }
    return bytes;
}

} // namespace

/// For libFuzzer, see README.md.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read(QByteArray(reinterpret_cast<const char *>(data), static_cast<qsizetype>(size)));
    return 0;
}

#ifndef PHOTOLIFT_LIBFUZZER
/// fuzz_answers [COUNT [SEED]]: so many damaged answers, the same ones for the same seed.
int main(int argc, char **argv)
{
    fuzz::Order order(argc, argv, 200'000);
    const QByteArrayList whole = seeds();
    for (const QByteArray &bytes : whole)
        hold(read(bytes), "the whole ones are believed");
    qint64 believed = 0;
    QElapsedTimer timer;
    timer.start();
    for (qint64 i = 0; i < order.count; ++i)
        believed += read(damaged(order.dice.oneOf(whole), order.dice));
    std::printf("%lld damaged answers in %lld ms, %lld believed\n", static_cast<long long>(order.count), static_cast<long long>(timer.elapsed()),
                static_cast<long long>(believed));
    hold(believed > order.count / 1000 && believed < order.count, "damage reaches the parser and is seen by it");
    return 0;
}
#endif
