# Stage 1 builds the web pages and the wheel; stage 2 holds only what serves.
FROM node:22-bookworm-slim AS web
WORKDIR /src/web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY web ./
RUN npm run build

FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /opt/coverslip \
    && /opt/coverslip/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . ./
COPY --from=web /src/web/dist web/dist
RUN /opt/coverslip/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim-bookworm
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /data coverslip \
    && mkdir /data && chown coverslip /data
COPY --from=build /opt/coverslip /opt/coverslip
ENV PATH=/opt/coverslip/bin:$PATH COVERSLIP_DATA=/data COVERSLIP_HOST=0.0.0.0
USER coverslip
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s CMD ["python", "-c", \
    "import os, urllib.request as u; u.urlopen(f\"http://127.0.0.1:{os.environ.get('COVERSLIP_PORT', 8000)}/healthz\", timeout=4)"]
STOPSIGNAL SIGINT
ENTRYPOINT ["coverslip"]
CMD ["serve"]
