"""Uploads in parts: begun, gone on with after a cut, finished."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Header, Path, Router, Status

from tongban.exchange import uploads
from tongban.exchange.api.access import Token, caller_of
from tongban.exchange.api.front import PARTS
from tongban.exchange.api.problems import Stop
from tongban.exchange.api.schemas import MOST_IDS, UploadIn, UploadOut
from tongban.exchange.models.clients import Scope, Upload

router = Router(tags=["上传"], auth=Token(Scope.INTAKE))
UploadId = Annotated[UUID, Path(description="上传的 id")]


def _out(upload: Upload | None) -> UploadOut:
    if upload is None:
        raise Stop(404)
    return UploadOut(
        id=upload.pk,
        filename=upload.filename,
        size=upload.size,
        received=upload.received,
        part=uploads.PART,
        done=bool(upload.digest),
        media_type=upload.media_type,
        expires_at=upload.made_at + timedelta(days=uploads.KEPT.days),
    )


@router.post("/uploads", response={201: UploadOut}, summary="开始上传")
def begin_upload(request: HttpRequest, payload: UploadIn) -> Status[UploadOut]:
    """说明文件名、大小和 SHA-256，得到上传的 id。"""
    made = uploads.begin(caller_of(request).client, payload.filename, payload.size, payload.sha256)
    return Status(201, _out(made))


@router.get("/uploads/{upload_id}", response=UploadOut, summary="传到哪里了")
def read_upload(request: HttpRequest, upload_id: UploadId) -> UploadOut:
    """断线以后先问这里，从 received 接着传。"""
    return _out(uploads.of(caller_of(request).client, upload_id))


@router.api_operation(["HEAD"], "/uploads/{upload_id}", response={200: None}, summary="传到哪里了（只要头）")
def measure_upload(request: HttpRequest, upload_id: UploadId) -> HttpResponse:
    """和 GET 一样，答复里只有头：Upload-Offset 是已经收到的字节数，从这里接着传；Upload-Length 是说好的大小。"""
    upload = uploads.of(caller_of(request).client, upload_id)
    if upload is None:
        raise Stop(404)
    told = {"Upload-Offset": str(upload.received), "Upload-Length": str(upload.size), "Cache-Control": "no-store"}
    return HttpResponse(headers=told)


PART_BODY = {
    "requestBody": {
        "required": True,
        "description": f"从 Upload-Offset 起的一段，最多 {uploads.PART} 字节",
        "content": {PARTS: {"schema": {"type": "string", "contentMediaType": PARTS}}},
    }
}


@router.patch("/uploads/{upload_id}", response=UploadOut, summary="传一段", openapi_extra=PART_BODY)
def add_part(
    request: HttpRequest,
    upload_id: UploadId,
    offset: Annotated[
        int, Header(alias="Upload-Offset", ge=0, le=MOST_IDS, description="这一段从第几个字节开始", examples=[0])
    ],
) -> UploadOut:
    """答复以后这一段就不会丢，服务重启也一样。Upload-Offset 不是已经收到的字节数时答复 409，从答复里的 received 接着传。"""
    return _out(uploads.add(caller_of(request).client, upload_id, offset, request.body))


@router.post("/uploads/{upload_id}/finish", response=UploadOut, summary="传完了")
def finish_upload(request: HttpRequest, upload_id: UploadId) -> UploadOut:
    """核对 SHA-256、文件种类和内容（带脚本的 PDF、过大的图片不收）。不收的答复 422，这个上传就没有了，要重新开始。"""
    return _out(uploads.finish(caller_of(request).client, upload_id))


@router.delete("/uploads/{upload_id}", response={204: None}, summary="取消上传")
def cancel_upload(request: HttpRequest, upload_id: UploadId) -> HttpResponse:
    """不要了。"""
    upload = uploads.of(caller_of(request).client, upload_id)
    if upload is None:
        raise Stop(404)
    upload.delete()
    return HttpResponse(status=204)
