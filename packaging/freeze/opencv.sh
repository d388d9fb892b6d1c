#!/usr/bin/env bash
# A wheel of OpenCV with the modules that cut lines of text out of pictures, below build/package/wheels; prints its path.
# It is compiled again only for another version, another Python, or when this file has changed.
# The official one holds films, cameras, networks and codecs: 60 MiB that Alcove never uses.
set -euo pipefail
cd "$(dirname "$0")/../.."
BUILD=${BUILD:-build/package}
PYTHON=${PYTHON:-python3}
TOOLS=$BUILD/tools
VERSION=$(sed -n 's/^opencv-python-headless==//p' constraints.txt)
BUILD_WITH="scikit-build==0.19.1 setuptools==80.9.0 cmake==4.4.4 ninja==1.13.2 packaging wheel"

KEY=$({ "$PYTHON" -c 'import sys; print(sys.version_info[:2])'; cat packaging/freeze/opencv.sh; } | sha256sum | cut -c1-12)
WHEELS=$BUILD/wheels/opencv-$VERSION-$KEY
if compgen -G "$WHEELS/*.whl"; then exit 0; fi
printf '\033[1mCompiling OpenCV with the modules Alcove uses (about 15 minutes on 2 cores)…\033[0m\n' >&2
mkdir -p "$WHEELS"
[ -x "$TOOLS/bin/python" ] || "$PYTHON" -m venv "$TOOLS"
pip() { "$TOOLS/bin/python" -m pip --disable-pip-version-check --quiet "$@" >&2; }
# its own list of tools asks for a numpy that has to be compiled first
# shellcheck disable=SC2086
pip install -c constraints.txt numpy $BUILD_WITH

# python3 is the bindings, which want features and flann; geometry has the smallest rectangle around an outline
OPTIONS=("-DBUILD_LIST=core,imgproc,geometry,features,flann,python3" -DCPU_BASELINE=AVX2 -DCPU_DISPATCH= -DBUILD_ZLIB=ON)
# nothing that happens to be installed here may get in, nothing is fetched while it is built
for each in 1394 ADE AVIF EIGEN FFMPEG FLATBUFFERS FREETYPE GDAL GIF GSTREAMER IMGCODEC_GIF IPP ITT JASPER JPEG JPEGXL LAPACK OBSENSOR \
    OPENCL OPENEXR OPENJPEG PNG PROTOBUF QUIRC SPNG TBB TIFF UNIFONT V4L VA VA_INTEL VTK WEBP; do
    OPTIONS+=("-DWITH_$each=OFF")
done
# its bundled parts were written for an older CMake
OPTIONS+=(-DCMAKE_POLICY_VERSION_MINIMUM=3.5)
SOURCE=$BUILD/opencv
rm -rf "$SOURCE" && mkdir -p "$SOURCE"
pip download --no-deps --no-build-isolation --no-binary opencv-python-headless -d "$SOURCE" "opencv-python-headless==$VERSION"
tar -xzf "$SOURCE"/*.tar.gz --strip-components=1 -C "$SOURCE"
# its types for type checkers are only written when all of OpenCV is built, and it gives up without them
sed -i 's/if not found and "gapi" not in relpath_re:/if not found and not re.search("gapi|typ", relpath_re):/' "$SOURCE/setup.py"
grep -q 'gapi|typ' "$SOURCE/setup.py"
env -u SOURCE_DATE_EPOCH PATH="$PWD/$TOOLS/bin:$PATH" ENABLE_HEADLESS=1 CMAKE_ARGS="${OPTIONS[*]}" "$TOOLS/bin/python" -m pip \
    --disable-pip-version-check wheel --no-cache-dir --no-deps --no-build-isolation -w "$WHEELS" "./$SOURCE" >"$BUILD/opencv.log" 2>&1 \
    || { tail -40 "$BUILD/opencv.log" >&2; exit 1; }
rm -rf "$SOURCE"
compgen -G "$WHEELS/*.whl"
