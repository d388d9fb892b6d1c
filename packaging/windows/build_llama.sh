#!/usr/bin/env bash
# build_llama.sh WHEELS: the wheel of llama-cpp-python for Windows, compiled here (about 5 minutes on 2 cores).
# The instructions are named one by one: when cross-compiling, GGML_NATIVE=OFF alone means none at all.
set -euo pipefail
cd "$(dirname "$0")/../.."
HERE=$PWD/packaging/windows
BUILD=${BUILD:-build/package}
TOOLS=$BUILD/windows/tools/bin
WHEELS=${1:?the folder of the wheels is missing}
VERSION=$(sed -n 's/^llama[-_]cpp[-_]python==//p' constraints.txt)
WORK=$BUILD/windows/llama
RUNTIME="libgcc_s_seh-1.dll libstdc++-6.dll libgomp-1.dll libwinpthread-1.dll"
if compgen -G "$WHEELS/llama_cpp_python-$VERSION-py3-none-win_amd64.whl" >/dev/null; then exit 0; fi

rm -rf "$WORK"
mkdir -p "$WORK" "$WHEELS"
INSTRUCTIONS="-DGGML_NATIVE=OFF -DGGML_SSE42=ON -DGGML_AVX=ON -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON -DGGML_BMI2=ON"
CMAKE_ARGS="-DCMAKE_TOOLCHAIN_FILE=$HERE/toolchain.cmake $INSTRUCTIONS -DGGML_OPENMP=ON -DLLAVA_BUILD=OFF" \
    "$TOOLS/python" -m pip --disable-pip-version-check --quiet wheel --no-cache-dir --no-deps --no-binary llama-cpp-python \
    -w "$WORK" "llama-cpp-python==$VERSION"

"$TOOLS/wheel" unpack --dest "$WORK" "$WORK"/llama_cpp_python-*.whl
FOLDER=$WORK/llama_cpp_python-$VERSION
rm -f "$WORK"/*.whl
rm -rf "${FOLDER:?}/lib" "${FOLDER:?}/bin" "${FOLDER:?}/include" # a second copy, for those who compile against it
find "$FOLDER" -name '*.dll.a' -delete
# what GCC's own libraries are called depends on how they were built; all of them lie beside one another
for each in $RUNTIME; do
    found=$(x86_64-w64-mingw32-g++-posix -print-file-name="$each")
    [ -f "$found" ] || found=/usr/x86_64-w64-mingw32/lib/$each
    cp "$found" "$FOLDER/llama_cpp/lib/"
done
LICENCES=$(echo "$FOLDER"/*.dist-info)/licenses
mkdir -p "$LICENCES"
cp /usr/share/doc/gcc-mingw-w64-base/copyright "$LICENCES/GCC-runtime.txt"
cp /usr/share/doc/mingw-w64-common/copyright "$LICENCES/MinGW-w64-runtime.txt"

# everything that the libraries ask for is there, or belongs to Windows
for each in "$FOLDER"/llama_cpp/lib/*.dll; do
    x86_64-w64-mingw32-objdump -p "$each" | sed -n 's/.*DLL Name: //p'
done | sort -uf | while read -r needed; do
    [ -f "$FOLDER/llama_cpp/lib/$needed" ] && continue
    case ${needed,,} in
        kernel32.dll | advapi32.dll | msvcrt.dll | user32.dll | ws2_32.dll | shell32.dll | api-ms-win-*) ;;
        *) echo "$needed is asked for and not there" >&2; exit 1 ;;
    esac
done
"$TOOLS/wheel" pack --dest-dir "$WORK" "$FOLDER"
"$TOOLS/wheel" tags --platform-tag win_amd64 --remove "$WORK"/llama_cpp_python-*.whl
mv "$WORK"/llama_cpp_python-*-win_amd64.whl "$WHEELS/"
ls -l "$WHEELS"/llama_cpp_python-*
