# What is fetched from elsewhere than the package registries, and what it must be. Read by the other scripts.
# shellcheck shell=bash disable=SC2034
PYTHON_VERSION=3.12.10 # the last of 3.12 with a build for Windows
PYTHON_URL=https://www.python.org/ftp/python/$PYTHON_VERSION/python-$PYTHON_VERSION-embed-amd64.zip
PYTHON_SHA256=${PYTHON_SHA256:-4acbed6dd1c744b0376e3b1cf57ce906f9dc9e95e68824584c8099a63025a3c3}
PYTHON_TAG=312
