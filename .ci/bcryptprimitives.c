/* Wine 8 has no bcryptprimitives.dll, and without it no program built by Go
 * 1.22 or later starts. This stands in for it, in a test prefix only. */
#include <windows.h>
#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size)
{
	return RtlGenRandom(data, (ULONG)size);
}
