# The token is not in here. Put one with the Send right into RELAY_TOKEN:
#   $env:RELAY_TOKEN = relayscope sign --connection-string-env RELAY_SEND
[Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12
Add-Type -AssemblyName System.Net.Http
$handler = New-Object Net.Http.HttpClientHandler -Property @{ AllowAutoRedirect = $false }
$client = New-Object Net.Http.HttpClient $handler
$client.Timeout = [TimeSpan]::FromSeconds(75)
$request = New-Object Net.Http.HttpRequestMessage (New-Object Net.Http.HttpMethod 'GET'), 'https://contoso.servicebus.windows.net/site%207/plc'
[void]$request.Headers.TryAddWithoutValidation('ServiceBusAuthorization', $env:RELAY_TOKEN)
$response = $client.SendAsync($request).GetAwaiter().GetResult()
'{0} {1}' -f [int]$response.StatusCode, $response.ReasonPhrase
$response.Headers.ToString()
$response.Content.ReadAsStringAsync().GetAwaiter().GetResult()
