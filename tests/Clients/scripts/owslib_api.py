"""Opens an OGC API with OWSLib and prints its collections, the links of one, and what it conforms to.

usage: owslib_api.py ROOT COLLECTION
"""
import json
import sys

from owslib.ogcapi import Collections

api = Collections(sys.argv[1])
collection = api.collection(sys.argv[2])
print(json.dumps({
    "title": api.response["title"],
    "conformance": api.conformance()["conformsTo"],
    "collections": [one["id"] for one in api.collections()["collections"]],
    "links": sorted({link["rel"].split("/")[-1] for link in collection["links"]}),
    "paths": sorted(api.api()["paths"]),
}))
