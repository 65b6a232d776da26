package entra

// A Source is where tokens come from.
type Source int

// The sources. The zero Source is not known.
const (
	FromAuthority Source = 1 + iota // Microsoft Entra ID itself
	FromCLI                         // the Azure CLI
	FromVM                          // the instance metadata service of a VM, a scale set or AKS
	FromAppService
	FromArc
	FromServiceFabric
	FromMachineLearning
	FromCloudShell
	FromWorkload     // a pod of AKS, which proves itself to Microsoft Entra ID by a token of its cluster
	FromDeveloperCLI // the Azure Developer CLI, azd
)

var sourceNames = [...]string{
	"an unknown source", "Microsoft Entra ID", "the Azure CLI", "the VM's metadata service", "App Service", "Azure Arc", "Service Fabric", "Azure Machine Learning", "Cloud Shell",
	"workload identity", "the Azure Developer CLI",
}

// String names the source as part of a sentence.
func (s Source) String() string {
	if s < 0 || int(s) >= len(sourceNames) {
		s = 0
	}
	return sourceNames[s]
}

// CLI reports whether s is a program on this computer that somebody is signed
// in to.
func (s Source) CLI() bool { return s == FromCLI || s == FromDeveloperCLI }

// Managed reports whether s is an endpoint of managed identities. A workload
// identity is a managed one as a rule, but has none: it asks the authority.
func (s Source) Managed() bool { return s >= FromVM && s <= FromCloudShell }
