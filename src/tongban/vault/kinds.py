"""What a file is, by its content; its name and what the browser says are not believed."""

SIGNATURES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"%PDF-", "application/pdf"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)
SUFFIXES = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "application/pdf": (".pdf",),
    "image/tiff": (".tif", ".tiff"),
}
NAMES = {"image/jpeg": "JPEG 图片", "image/png": "PNG 图片", "application/pdf": "PDF 文件", "image/tiff": "TIFF 图片"}


class NotAccepted(ValueError):
    """The file cannot be taken; the message (Chinese) says why and what to do."""


def media_type_of(data: bytes, filename: str) -> str:
    """The media type of ``data``. Raises :class:`NotAccepted` for an empty file, an unknown kind, or a false name."""
    if not data:
        raise NotAccepted("文件是空的，请重新选择或重新扫描。")
    found = next((kind for start, kind in SIGNATURES if data.startswith(start)), None)
    if data[4:8] == b"ftyp" and data[8:11] in (b"hei", b"hev", b"mif"):
        raise NotAccepted("HEIC 图片打不开。请在手机“设置–相机–格式”里选“兼容性最佳”再拍，或另存为 JPEG。")
    if data[4:8] == b"ftyp" or data.startswith((b"\x1aE\xdf\xa3", b"RIFF", b"OggS")):
        raise NotAccepted("这是视频或别的媒体文件，请提供照片、扫描图片或 PDF。")
    if found is None:
        raise NotAccepted("只收 JPEG、PNG、TIFF 图片和 PDF 文件，请转换后再上传。")
    suffix = "." + filename.rpartition(".")[2].lower() if "." in filename else ""
    if suffix and suffix not in SUFFIXES[found]:
        raise NotAccepted(f"文件名以“{suffix}”结尾，内容却是 {NAMES[found]}，请核对是否选错了文件。")
    return found
