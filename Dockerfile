# The course in a container: `docker build -t unrolled .`, then `docker run -p 8888:8888 unrolled`. For official grading see
# "Where it runs" in assets/site/instructors.md: it also needs --security-opt seccomp=unconfined --security-opt apparmor=unconfined.
FROM python:3.12
RUN apt-get update -qq && apt-get install -qq -y bubblewrap g++ >/dev/null
WORKDIR /srv/unrolled
COPY . .
RUN make .venv/installed
RUN make build
EXPOSE 8888
CMD ["make", "start", "ARGS=--no-browser --ip=0.0.0.0 --allow-root"]
