# GET with a client's certificate: python3 get.py ROOT FILE URL
import ssl
import sys
import urllib.request

root, file, url = sys.argv[1:]
context = ssl.create_default_context(cafile=root)
context.minimum_version = ssl.TLSVersion.TLSv1_3
context.load_cert_chain(file)
sys.stdout.write(urllib.request.urlopen(url, context=context).read().decode())
