# The pages of khanij: docker build -t khanij . && docker run -p 127.0.0.1:8000:8000 khanij
# Inside it listens on every address, so it asks for a token, which it prints; KHANIJ_TOKEN sets one.
FROM python:3.12-slim
WORKDIR /khanij
COPY requirements-run.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements-run.lock
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
RUN pip install --no-cache-dir --no-deps --no-build-isolation . && useradd --create-home khanij
USER khanij
EXPOSE 8000
CMD ["khanij", "serve", "--host", "0.0.0.0", "--port", "8000", "--state", "/home/khanij/runs"]
