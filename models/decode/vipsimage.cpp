#include "models/decode/vipsimage.h"

#include <cerrno>
#include <unistd.h>
#include <vips/vips.h>

namespace photolift::decode {

namespace {

void dropMessage(const gchar *, GLogLevelFlags, const gchar *, gpointer)
{
}

gint64 readFrom(VipsSourceCustom *, void *buffer, gint64 length, PictureInput *input)
{
    return input->read(buffer, length);
}

gint64 seekIn(VipsSourceCustom *, gint64 offset, int whence, PictureInput *input)
{
    return input->seek(offset, whence);
}

QByteArray takeBuffer(void *buffer, std::size_t length)
{
    const QByteArray bytes(static_cast<const char *>(buffer), static_cast<qsizetype>(length));
    g_free(buffer);
    return bytes;
}

} // namespace

void Unref::operator()(void *object) const
{
    g_object_unref(object);
}

void prepareVips()
{
    static const bool isReady = [] {
        g_log_set_default_handler(dropMessage, nullptr); // warnings quote the photo
        if (vips_init("photolift-photo") != 0)
            return false;
        vips_block_untrusted_set(TRUE);
        // Marked untrusted for its youth; it is an accepted kind, and this process is what stands between it and everything else.
        vips_operation_block_set("VipsForeignLoadJxl", FALSE);
        vips_cache_set_max(0);
        // Whoever is in a hurry has several photos opened at a time: more threads for one only wait for each other (a third more processor time
        // where two photos share two processors).
        vips_concurrency_set(1);
        return true;
    }();
    if (!isReady)
        qFatal("libvips cannot start");
}

PictureInput::PictureInput(int descriptor, qint64 size)
    : m_descriptor(descriptor)
    , m_size(size)
{
}

PictureInput::PictureInput(const QByteArray &bytes)
    : m_size(bytes.size())
    , m_bytes(bytes)
{
}

PictureInput::~PictureInput()
{
    const std::lock_guard lock(m_mutex);
}

SourcePtr PictureInput::source()
{
    {
        const std::lock_guard lock(m_mutex);
        m_position = 0;
    }
    VipsSourceCustom *source = vips_source_custom_new();
    g_signal_connect(source, "read", G_CALLBACK(readFrom), this);
    g_signal_connect(source, "seek", G_CALLBACK(seekIn), this);
    return SourcePtr(VIPS_SOURCE(source));
}

qint64 PictureInput::read(void *buffer, qint64 length)
{
    const std::lock_guard lock(m_mutex);
    const qint64 count = std::min(length, std::max<qint64>(m_size - m_position, 0));
    qint64 got = 0;
    if (m_descriptor < 0) {
        std::memcpy(buffer, m_bytes.constData() + m_position, static_cast<std::size_t>(count));
        got = count;
    } else {
        do {
            got = ::pread(m_descriptor, buffer, static_cast<std::size_t>(count), m_position);
        } while (got < 0 && errno == EINTR);
    }
    if (got > 0)
        m_position += got;
    return got;
}

qint64 PictureInput::seek(qint64 offset, int whence)
{
    const std::lock_guard lock(m_mutex);
    const qint64 base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? m_position : m_size;
    qint64 target = 0;
    if (__builtin_add_overflow(base, offset, &target) || target < 0 || target > m_size)
        return -1;
    m_position = target;
    return target;
}

int widthOf(const ImagePtr &image)
{
    return vips_image_get_width(image.get());
}

int heightOf(const ImagePtr &image)
{
    return vips_image_get_height(image.get());
}

bool isTransparent(const ImagePtr &image)
{
    return vips_image_hasalpha(image.get());
}

QString takeVipsError()
{
    const QString text = QString::fromUtf8(vips_error_buffer()).simplified().left(200);
    vips_error_clear();
    return text;
}

ImagePtr turned(ImagePtr image, int orientation)
{
    if (orientation <= 1 || orientation > 8)
        return image;
    VipsImage *copy = nullptr;
    if (vips_copy(image.get(), &copy, nullptr) != 0) // metadata of a shared image must not be changed
        return nullptr;
    const ImagePtr marked(copy);
    vips_image_set_int(marked.get(), VIPS_META_ORIENTATION, orientation);
    VipsImage *out = nullptr;
    return vips_autorot(marked.get(), &out, nullptr) == 0 ? ImagePtr(out) : nullptr;
}

ImagePtr inMemory(const ImagePtr &image)
{
    return ImagePtr(vips_image_copy_memory(image.get()));
}

QByteArray toJpeg(const ImagePtr &image, int quality)
{
    VipsImage *flat = nullptr;
    if (vips_image_hasalpha(image.get())) {
        const std::unique_ptr<VipsArrayDouble, void (*)(VipsArrayDouble *)> white(
            vips_array_double_newv(1, 255.0), [](VipsArrayDouble *array) { vips_area_unref(VIPS_AREA(array)); });
        if (vips_flatten(image.get(), &flat, "background", white.get(), nullptr) != 0)
            return {};
    }
    const ImagePtr opaque(flat);
    void *buffer = nullptr;
    std::size_t length = 0;
    if (vips_jpegsave_buffer(opaque ? opaque.get() : image.get(), &buffer, &length, "Q", quality, "strip", TRUE, nullptr) != 0)
        return {};
    return takeBuffer(buffer, length);
}

QByteArray toPng(const ImagePtr &image)
{
    void *buffer = nullptr;
    std::size_t length = 0;
    if (vips_pngsave_buffer(image.get(), &buffer, &length, "strip", TRUE, nullptr) != 0)
        return {};
    return takeBuffer(buffer, length);
}

} // namespace photolift::decode
