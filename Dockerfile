# One image for every process: web, worker, beat and the one-shot preparation (see docker-compose.yml).
FROM python:3.11-slim-bookworm AS packages
COPY requirements.txt .
RUN pip install --no-cache-dir --prefix /packages -r requirements.txt

FROM python:3.11-slim-bookworm
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 MODE=production HOST=0.0.0.0 PORT=8000 \
    BEAT_DIRECTORY=/var/lib/tracker EVIDENCE_DIRECTORY=/var/lib/evidence ISSUE_DIRECTORY=/var/lib/issues
# The weekly report as PDF is set in the fonts that are installed here: Chinese ones, and one like Times New Roman.
RUN apt-get update && apt-get install --yes --no-install-recommends fonts-noto-cjk fonts-liberation \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin tracker \
    && install --directory --owner tracker --mode 750 /var/lib/tracker /var/lib/evidence /var/lib/issues
COPY --from=packages /packages /usr/local
WORKDIR /app
COPY . .
# Whatever the umask of the checkout, the process may read it. Neither of the other steps looks at a database;
# the secret is thrown away with the layer's shell.
RUN chmod -R a+rX . && MODE=demo python manage.py compile_catalogues \
    && SECRET_KEY=$(python -c 'import secrets; print(secrets.token_hex(32))') ALLOWED_HOSTS=build.invalid \
       python manage.py collectstatic --no-input --verbosity 0
USER tracker
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=10s --start-period=30s CMD ["bin/healthcheck", "web"]
CMD ["bin/web"]
