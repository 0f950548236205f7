# syntax=docker/dockerfile:1
# mockaws as a server: docker build -t mockaws . && docker run --rm -p 127.0.0.1:4566:4566 mockaws serve --fixture ready-cluster
# docs/container.md has the rest.

# All tests run on this version.
ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY requirements/ requirements/
COPY fixtures/ fixtures/
COPY image/ image/
COPY mockaws/ mockaws/
# --build-arg EXTRAS=aws for an image that has moto, for --others moto.
ARG EXTRAS=""
# Install the versions that all tests run on, and check their hashes. The same holds for the build tools.
# The installed files never change, so no start needs to compare a compiled file with its source.
RUN python -m venv --without-pip /opt/mockaws \
    && pip --python /opt/mockaws/bin/python install --no-cache-dir --no-compile --disable-pip-version-check \
        --require-hashes --requirement "requirements/image${EXTRAS:+-$EXTRAS}.txt" \
    && pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore \
        --require-hashes --requirement requirements/build.txt \
    && pip wheel --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir /tmp/mockaws . \
    && pip --python /opt/mockaws/bin/python install --no-cache-dir --no-compile --disable-pip-version-check \
        --no-deps --no-index /tmp/mockaws/*.whl \
    && python -m compileall -q --invalidation-mode unchecked-hash /opt/mockaws/lib \
    && cp image/awslocal /opt/mockaws/bin/
# The list of installed packages, as CycloneDX. The tool that writes it does not come into the image.
RUN python -m venv --without-pip /opt/sbom \
    && pip --python /opt/sbom/bin/python install --no-cache-dir --disable-pip-version-check \
        --require-hashes --requirement requirements/sbom.txt \
    && /opt/sbom/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
        --output-file /opt/mockaws/sbom.cdx.json /opt/mockaws/bin/python

FROM python:${PYTHON}
COPY --from=build /opt/mockaws/ /opt/mockaws/
ENV PATH=/opt/mockaws/bin:$PATH
# The base image comes without compiled files of the standard library. One run of the server writes those that a start
# needs, and shows that this image works. Nothing is installed afterwards.
RUN mockaws exec --quiet -- mockaws health \
    && pip uninstall --yes --quiet --root-user-action=ignore setuptools wheel pip \
    && groupadd --gid 10001 mockaws \
    && useradd --uid 10001 --gid mockaws --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin mockaws

# Every client of a container is another machine: the server has to listen on all addresses, and its control routes have
# to answer other machines. The published port decides which clients reach it: -p 127.0.0.1:4566:4566 admits this machine.
# Scripts in the two folders run once the server answers, as in LocalStack's image.
ENV MOCKAWS_HOST=0.0.0.0 \
    MOCKAWS_ALLOW_REMOTE_CONTROL=1 \
    MOCKAWS_INIT_DIR=/etc/localstack/init/ready.d:/etc/mockaws/init/ready.d \
    PYTHONDONTWRITEBYTECODE=1
EXPOSE 4566
# By number, so that an orchestrator sees that it is not root. Fixtures that are mounted here need no path.
USER 10001:10001
WORKDIR /fixtures
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 \
    CMD ["mockaws", "health"]
# No shell in between: SIGTERM reaches mockaws, which answers what has arrived and exits with 0.
ENTRYPOINT ["mockaws"]
CMD ["serve"]
