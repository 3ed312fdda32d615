# What Grid's container images stand on: ASP.NET Core, and the native libraries that it loads. No public image has them all, so this one is made
# first; the images of the programs need no Dockerfile:
#
#   docker build -t grid-base:10.0 -f deploy/images/base.Dockerfile deploy/images
#   (cd src/Frontend/web && npm ci && npm run build)
#   dotnet publish src/Frontend -c Release -p:GridEngine=orleans -t:PublishContainer -p:ContainerBaseImage=grid-base:10.0
#   dotnet publish src/Silo     -c Release -p:GridEngine=orleans -t:PublishContainer -p:ContainerBaseImage=grid-base:10.0
#
# PublishContainer fetches its base from a registry, so push grid-base to yours and name it there: registry.example.org/grid-base:10.0.
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgdal34t64 gdal-data proj-data libturbojpeg libwebp7 ca-certificates \
    && rm -rf /var/lib/apt/lists/*
# The account that the programs run under owns the folder of their own files.
RUN install -d -o app -g app -m 0750 /data
ENV Grid__DataFolder=/data
