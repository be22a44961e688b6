"""The smallest service worth deploying: says what it was given, takes pushes, echoes over a WebSocket."""

import os
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute

pushed = []
sick = set()


async def health(request):
    """GET answers what a probe sees; POST makes it 503 from now on, DELETE well again."""
    name = request.path_params["name"]
    if request.method == "POST":
        sick.add(name)
    elif request.method == "DELETE":
        sick.discard(name)
    return Response(status_code=503 if request.method == "GET" and name in sick else 200)


async def status(_request):
    return JSONResponse({"ok": True}, status_code=int(os.environ.get("STATUS", "200")))


def seen(request):
    names = request.query_params.getlist("file")
    files = {name: Path(os.environ[name]).read_text() for name in names}
    return JSONResponse({"env": dict(os.environ), "files": files, "pid": os.getpid(), "headers": dict(request.headers)})


async def push(request):
    pushed.append({"body": await request.json(), "headers": dict(request.headers)})
    return Response(status_code=204 if request.url.path == "/push" else 500)


async def pushes(_request):
    return JSONResponse(pushed)


async def echo(socket):
    await socket.accept()
    async for text in socket.iter_text():
        await socket.send_text(f"echo {text}")


if "REFUSE" in os.environ:
    raise SystemExit(f"cannot start: {os.environ['REFUSE']}")
routes = [
    Route("/status", status),
    Route("/seen", seen),
    Route("/health/{name}", health, methods=["GET", "POST", "DELETE"]),
    Route("/push", push, methods=["POST"]),
    Route("/poison", push, methods=["POST"]),
    Route("/pushes", pushes),
    WebSocketRoute("/echo", echo),
]
uvicorn.run(Starlette(routes=routes), host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
