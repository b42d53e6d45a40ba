#include "models/decode/jxlstream.h"

#include <jxl/decode.h>

#include <memory>

namespace photolift::decode {

namespace {

constexpr quint64 ReadBytes = 1024 * 1024;

struct Destroy {
    void operator()(JxlDecoder *decoder) const { JxlDecoderDestroy(decoder); }
};

void forgetPixels(void *, size_t, size_t, size_t, const void *)
{
}

/// Hands over what the decoder left of the last bytes and some more; false at the end of the file.
class Feed
{
public:
    explicit Feed(ByteSource &source)
        : m_source(source)
    {
    }
    bool give(JxlDecoder *decoder)
    {
        const std::size_t left = m_bytes.isEmpty() ? 0 : JxlDecoderReleaseInput(decoder);
        const QByteArray more = m_source.block(m_offset, ReadBytes);
        if (more.isEmpty())
            return false;
        m_offset += static_cast<quint64>(more.size());
        m_bytes = m_bytes.last(static_cast<qsizetype>(left)) + more;
        return JxlDecoderSetInput(decoder, reinterpret_cast<const uint8_t *>(m_bytes.constData()), static_cast<std::size_t>(m_bytes.size())) == JXL_DEC_SUCCESS;
    }

private:
    ByteSource &m_source;
    quint64 m_offset = 0;
    QByteArray m_bytes;
};

} // namespace

bool isJxlCut(ByteSource &source)
{
    const std::unique_ptr<JxlDecoder, Destroy> decoder(JxlDecoderCreate(nullptr));
    if (!decoder || JxlDecoderSubscribeEvents(decoder.get(), JXL_DEC_FULL_IMAGE) != JXL_DEC_SUCCESS)
        return false;
    constexpr JxlPixelFormat Format{3, JXL_TYPE_UINT8, JXL_NATIVE_ENDIAN, 0};
    Feed feed(source);
    for (;;) {
        switch (JxlDecoderProcessInput(decoder.get())) {
        case JXL_DEC_NEED_MORE_INPUT:
            if (!feed.give(decoder.get()))
                return true;
            break;
        case JXL_DEC_NEED_IMAGE_OUT_BUFFER:
            if (JxlDecoderSetImageOutCallback(decoder.get(), &Format, forgetPixels, nullptr) != JXL_DEC_SUCCESS)
                return false;
            break;
        case JXL_DEC_FULL_IMAGE:
            break; // one frame of perhaps many
        default:
            return false; // whole, or broken
        }
    }
}

} // namespace photolift::decode
